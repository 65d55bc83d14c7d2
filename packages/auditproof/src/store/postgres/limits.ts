/** Limits of the PostgreSQL driver, with their units; options of `postgres(url, { … })` set others. */
export const postgresLimits = {
  /** Connections of the pool that is made for an address. */
  connections: 8,
  /** A connection that is not there after this long is given up, milliseconds. */
  connectTimeoutMs: 10_000,
  /** A statement that is not answered after this long is given up, with its connection, milliseconds. */
  queryTimeoutMs: 60_000,
} as const
