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
  /** Looks into the search index for one list page before it hands out a continue position. */
  listLooksMax: 64,
  /** Looks into the search index for one survey. */
  surveyLooksMax: 16_000,
  /** Leaves of the search index of which a reader keeps the times in memory, 32 KiB each. */
  timesLeavesMax: 512,
  /** Entries whose words are added to the search index in one piece. */
  indexEntriesMax: 256,
  /** Keys that are carried up in the search index in one piece. */
  indexKeysMax: 4_096,
  /** Right edges kept in memory, logs. */
  edgesMax: 4096,
  /** A kept checkpoint is followed by the next after this long at the earliest, milliseconds. */
  checkpointIntervalMs: 10_000,
} as const
