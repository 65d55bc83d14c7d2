/** What is needed of `pg`, and how the text of the server is read. */

/** A pool of `pg`, or anything that behaves as one. */
export interface PostgresPool {
  connect: () => Promise<PostgresClient>
}

export interface PostgresClient {
  query: (query: {
    text: string
    values?: unknown[]
    name?: string
    types?: { getTypeParser: (oid: number) => (text: string) => unknown }
    /** Milliseconds. */
    query_timeout?: number
  }) => Promise<unknown>
  /** Statements may be sent before those before them are answered. */
  pipeline?: boolean
  release: (destroy?: boolean) => void
  on: Hear
  off: Hear
}

type Hear = ((event: 'error', listener: (error: Error) => void) => unknown) &
  ((event: 'notice', listener: (notice: Notice) => void) => unknown)

export interface Notice {
  code?: string | undefined
  message?: string | undefined
}

export type Row = Record<string, unknown>
const parsers: { readonly [oid: number]: (text: string) => unknown } = {
  16: (text) => text === 't',
  17: (text) => Buffer.from(text.slice(2), 'hex'), // bytea, as \x…
  20: Number, // indexes and sizes stay far below 2^53
  23: Number,
  701: Number,
}

/** The application may have set parsers of its own for its pool. */
export const types: { getTypeParser: (oid: number) => (text: string) => unknown } = {
  getTypeParser: (oid) => parsers[oid] ?? ((text) => text),
}
