/** Kysely, with any of its PostgreSQL dialects. */
import { hasMethods, insertPending, isATransaction, type Adapter } from './adapter.ts'

interface Kysely {
  readonly isTransaction: boolean
  executeQuery(query: object): Promise<unknown>
  transaction(): { execute<R>(fn: (tx: Kysely) => Promise<R>): Promise<R> }
}

/** As `CompiledQuery.raw` makes it. */
const compiled = (sql: string, parameters: readonly unknown[]): object => ({
  sql,
  parameters,
  query: { kind: 'RawNode', sqlFragments: [sql], parameters: [] },
  queryId: { queryId: 'auditproof' },
})

export const kyselyAdapter: Adapter<Kysely, Kysely> = {
  library: 'Kysely',
  recognizes: (value) => hasMethods(value, 'executeQuery', 'selectFrom', 'getExecutor'),
  whyNoTransaction: ({ isTransaction }) =>
    isTransaction ? undefined : 'pass the trx of db.transaction().execute(async (trx) => …)',
  whyNotOpen: () => undefined,
  insert: (trx, tenant, submission) => trx.executeQuery(compiled(insertPending, [tenant, submission])),
  whyNotBegin: ({ isTransaction }) => (isTransaction ? isATransaction : undefined),
  begin: (db, fn) => db.transaction().execute(fn),
}
