/** What the function given to `audit.transaction(db, fn)` gets, by the type of `db` alone. */
export type TransactionOf<Db> =
  // pg: a Pool hands out one of its clients, a Client is used itself.
  Db extends { totalCount: number; connect(callback: (error: never, client: infer Client, done: never) => void): void }
    ? NonNullable<Client>
    : Db extends { connectionParameters: unknown } | { getTransactionStatus(): unknown }
      ? Db
      : // Kysely
        Db extends { transaction(): { execute(fn: (tx: infer Tx) => Promise<unknown>): Promise<unknown> } }
        ? Tx
        : // Drizzle, Knex
          Db extends { transaction(fn: (tx: infer Tx) => Promise<unknown>, config?: never): Promise<unknown> }
          ? Tx
          : // postgres.js
            Db extends { begin(options: string, fn: (tx: infer Tx) => unknown): Promise<unknown> }
            ? Tx
            : // Prisma
              Db extends { $transaction(fn: (tx: infer Tx) => Promise<unknown>, options?: never): Promise<unknown> }
              ? Tx
              : Db
