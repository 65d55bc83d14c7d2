/** A handle of node:sqlite or better-sqlite3, by its shape. Both are synchronous. */
interface Handle {
  exec(sql: string): unknown
  prepare(sql: string): {
    run(...values: (string | number | bigint)[]): unknown
    all(...values: (string | number | bigint)[]): unknown[]
  }
}

/** `DatabaseSync` of node:sqlite. */
interface NodeHandle extends Handle {
  readonly isTransaction: boolean
  readonly isOpen: boolean
}

/** `Database` of better-sqlite3. */
interface BetterHandle extends Handle {
  readonly inTransaction: boolean
  readonly open: boolean
}

/** The application's own connection to its own SQLite file. */
export type SqliteHandle = NodeHandle | BetterHandle

export function isSqliteHandle(value: unknown): value is SqliteHandle {
  if (typeof value !== 'object' || value === null) return false
  // The getters of node:sqlite throw once it is closed, so only their presence is looked at.
  const isEither = ('isTransaction' in value && 'isOpen' in value) || ('inTransaction' in value && 'open' in value)
  const { exec, prepare } = value as Partial<Handle>
  return isEither && typeof exec === 'function' && typeof prepare === 'function'
}

export const isOpen = (handle: SqliteHandle): boolean => ('isOpen' in handle ? handle.isOpen : handle.open)

export const isInTransaction = (handle: SqliteHandle): boolean =>
  'isTransaction' in handle ? handle.isTransaction : handle.inTransaction
