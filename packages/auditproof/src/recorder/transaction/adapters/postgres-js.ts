/** postgres.js: `sql`, and what `sql.begin` hands to its function. */
import { hasMethods, insertPending, isATransaction, type Adapter } from './adapter.ts'

interface TransactionSql {
  unsafe(text: string, values: unknown[]): Promise<unknown>
}

interface Sql {
  begin<R>(fn: (tx: TransactionSql) => Promise<R>): Promise<R>
}

const isTransaction = (value: object): boolean => hasMethods(value, 'savepoint')

export const postgresJsAdapter: Adapter<TransactionSql, Sql> = {
  library: 'postgres.js',
  recognizes: (value) => typeof value === 'function' && hasMethods(value, 'unsafe', 'typed'),
  whyNoTransaction: (value) =>
    isTransaction(value) ? undefined : 'each query of it may take another connection: pass what sql.begin() gives',
  whyNotOpen: () => undefined,
  insert: (tx, tenant, submission) => tx.unsafe(insertPending, [tenant, submission]),
  whyNotBegin: (db) => (isTransaction(db) ? isATransaction : undefined),
  begin: (sql, fn) => sql.begin(fn),
}
