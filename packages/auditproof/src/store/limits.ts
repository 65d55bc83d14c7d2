/** Limits of every store, with their units. */
export const storeLimits = {
  /** Events in one append. */
  batchEventsMax: 1024,
  /** JSON text of one append, UTF-16 units. A single larger event goes alone. */
  batchUnitsMax: 4_194_304,
  /** Entries in one read. */
  readEntriesMax: 1024,
  /** Events in one erasure; more take several, each with an event of its own. */
  eraseEventsMax: 1000,
  /** Rows of one list page. */
  listRowsMax: 1000,
  /** Rows looked at for one list page before it hands out a continue position. */
  listScanMax: 50_000,
  /** Right edges kept in memory, logs. */
  edgesMax: 4096,
  /** A kept checkpoint is followed by the next after this long at the earliest, milliseconds. */
  checkpointIntervalMs: 10_000,
} as const
