/** Limits of importing, with their units. */
export const importLimits = {
  /** One line, or one record of a `Records` list, bytes; a longer one is reported and skipped, never held in memory. */
  lineBytesMax: 1_048_576,
  /** An original kept whole in `details.original`, bytes; of a longer one its head, size and hash. */
  originalBytesMax: 49_152,
  /** Files of one commit taken from a repository; the number of all is kept. */
  commitFilesMax: 10_000,
  /** Events of one record: each keeps the whole original. */
  eventsPerRecordMax: 1_000,
  /** Events handed over and not yet durable. */
  concurrency: 512,
  /** Lines between two calls of `onProgress`. */
  progressEveryLines: 1_000,
  /** Ids of a source remembered in one run, to tell a second event under the same id. */
  idsRemembered: 100_000,
  /** Names of members that no mapping reads, counted in one run; further ones are counted together. */
  notMappedNamesMax: 10_000,
  /** Rows of a table read at a time. */
  pageRows: 1_000,
  /** And bytes of their JSON, unless one row alone has more. */
  pageBytesMax: 16_777_216,
  /** How long a database may take to answer at first, milliseconds. */
  connectTimeoutMs: 10_000,
  /** Ids and lines that a comparison of table and file names; the counts are of all. */
  differencesNamedMax: 1_000,
  /** The key that ids are derived with, bytes. */
  importKeyBytesMin: 32,
} as const
