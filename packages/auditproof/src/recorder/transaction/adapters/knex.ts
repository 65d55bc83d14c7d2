/** Knex with the client `pg`. */
import { hasMethods, insertPending, isATransaction, type Adapter } from './adapter.ts'

interface Knex {
  raw(sql: string, bindings: unknown[]): PromiseLike<unknown>
  transaction<R>(fn: (trx: Knex) => Promise<R>): Promise<R>
  isTransaction?: boolean
  isCompleted?(): boolean
}

export const knexAdapter: Adapter<Knex, Knex> = {
  library: 'Knex',
  recognizes: (value) => typeof value === 'function' && hasMethods(value, 'raw', 'transaction', 'transactionProvider'),
  whyNoTransaction: ({ isTransaction }) =>
    isTransaction === true ? undefined : 'pass the trx of knex.transaction(async (trx) => …)',
  whyNotOpen: (trx) => (trx.isCompleted?.() === true ? 'the transaction has ended' : undefined),
  // Its placeholders are question marks. Async, since a query of Knex is sent when it is awaited.
  insert: async (trx, tenant, submission) => await trx.raw(insertPending.replace(/\$\d/g, '?'), [tenant, submission]),
  whyNotBegin: ({ isTransaction }) => (isTransaction === true ? isATransaction : undefined),
  begin: (knex, fn) => knex.transaction(fn),
}
