/** Drizzle on PostgreSQL, whatever driver lies below it. */
import { hasMethods, insertPending, isATransaction, type Adapter } from './adapter.ts'
import { pgAdapter } from './pg.ts'

interface Drizzle {
  session: {
    /** Of the driver below. */
    client?: object
    prepareQuery(
      query: { sql: string; params: unknown[] },
      fields: undefined,
      name: undefined,
      asArrays: boolean,
    ): { execute(): Promise<unknown> }
  }
  dialect: object
  transaction<R>(fn: (tx: Drizzle) => Promise<R>): Promise<R>
}

const isTransaction = (value: object): boolean => hasMethods(value, 'rollback')

const kindOf = (value: object): unknown =>
  (value.constructor as unknown as { [name: symbol]: unknown })[Symbol.for('drizzle:entityKind')]

export const drizzleAdapter: Adapter<Drizzle, Drizzle> = {
  library: 'Drizzle',
  recognizes(value) {
    const { session, dialect } = value as Partial<Drizzle>
    return typeof session === 'object' && typeof dialect === 'object' && kindOf(dialect) === 'PgDialect'
  },
  whyNoTransaction: (value) => (isTransaction(value) ? undefined : 'pass the tx of db.transaction(async (tx) => …)'),
  // node-postgres only: a connection that went back to its pool would take the row outside any transaction.
  whyNotOpen({ session: { client } }) {
    return client !== undefined && pgAdapter.recognizes(client) ? pgAdapter.whyNotOpen(client as never) : undefined
  },
  insert: ({ session }, tenant, submission) =>
    session.prepareQuery({ sql: insertPending, params: [tenant, submission] }, undefined, undefined, false).execute(),
  whyNotBegin: (db) => (isTransaction(db) ? isATransaction : undefined),
  begin: (db, fn) => db.transaction(fn),
}
