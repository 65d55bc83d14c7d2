/**
 * How one library of PostgreSQL is entered: a few lines each, by the shape of its objects alone, so that none of them is
 * imported. Every one does a single INSERT in the application's transaction: no lock, no NOTIFY, no shared row.
 */
export interface Adapter<Tx extends object = object, Db extends object = object> {
  /** As it is told to people. */
  readonly library: string
  /** Whether a value is a transaction of this library, or something that one begins on. */
  recognizes(value: object): boolean
  /** Why nothing can ever be recorded in it: it is certainly no transaction. */
  whyNoTransaction(value: Tx): string | undefined
  /** Why nothing can be recorded in it at this moment, where the library tells. */
  whyNotOpen(tx: Tx): string | undefined
  /** Resolves when the row is written in the transaction; rejects as the library does. */
  insert(tx: Tx, tenant: string, submission: string): Promise<unknown>
  /** Why none can begin on it. */
  whyNotBegin(db: Db): string | undefined
  /** Commits when `fn` resolves, rolls back when it rejects, and rejects then with the same. */
  begin<R>(db: Db, fn: (tx: object) => Promise<R>): Promise<R>
}

export const insertPending = 'INSERT INTO auditproof.pending (tenant, submission) VALUES ($1, $2)'

export const isATransaction = 'it is a transaction already: use audit.in(tx).record(…)'

/** Whether a value, an object or a function, has these methods. */
export const hasMethods = (value: object, ...names: readonly string[]): boolean =>
  names.every((name) => typeof (value as { [name: string]: unknown })[name] === 'function')
