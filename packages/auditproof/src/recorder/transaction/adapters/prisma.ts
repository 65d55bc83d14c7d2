/** Prisma on PostgreSQL: interactive transactions. */
import { hasMethods, insertPending, isATransaction, type Adapter } from './adapter.ts'

interface Prisma {
  $executeRawUnsafe(sql: string, ...values: unknown[]): PromiseLike<unknown>
  $transaction<R>(fn: (tx: Prisma) => Promise<R>): Promise<R>
}

/** The client of an interactive transaction has neither of those. */
const isTransaction = (value: object): boolean => !hasMethods(value, '$connect')

export const prismaAdapter: Adapter<Prisma, Prisma> = {
  library: 'Prisma',
  recognizes: (value) => hasMethods(value, '$executeRawUnsafe', '$queryRawUnsafe'),
  whyNoTransaction: (value) =>
    isTransaction(value) ? undefined : 'pass the tx of prisma.$transaction(async (tx) => …)',
  whyNotOpen: () => undefined,
  // Async, since a query of Prisma is sent when it is awaited.
  insert: async (tx, tenant, submission) => await tx.$executeRawUnsafe(insertPending, tenant, submission),
  whyNotBegin: (db) => (isTransaction(db) ? isATransaction : undefined),
  begin: (prisma, fn) => prisma.$transaction(fn),
}
