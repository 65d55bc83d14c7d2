/** Limits of signing and publishing, with their units. */
export const sequencerLimits = {
  /** What is new is signed at the next tick, milliseconds; later where signing takes longer than a tenth of that. */
  tickMs: 200,
  /** The newest checkpoints go into the meta log this often, while there are new ones, milliseconds. */
  metaIntervalMs: 60_000,
  /** A round that failed is tried again after one tick, then after twice as long each time, up to this, milliseconds. */
  retryIntervalMaxMs: 30_000,
  /** Logs signed and published in one round trip. */
  logsPerRound: 500,
  /** Checkpoints appended to the meta log in one transaction. */
  metaPerRound: 5_000,
  /** Things recorded in one burst are put into the search index together, after this long, milliseconds. */
  indexAfterMs: 50,
  /** A piece of the search index that failed is tried again after this long, milliseconds. */
  indexRetryMs: 5_000,
  /** So many times as long as a piece of the search index took is left to recording, while something is recorded. */
  indexPauses: 5,
  /** The same while more than `indexFarBehindEntries` wait. */
  indexPausesFarBehind: 1,
  /** Entries that wait for the search index. */
  indexFarBehindEntries: 100_000,
  /** `close()` goes on building the search index for this long, milliseconds; the rest is for whoever opens the store next. */
  indexClosingMs: 2_000,
  /** Rows of `pending` put into logs in one transaction. */
  drainRows: 500,
  /** `pending` of a store that many processes share is looked at this often, milliseconds; after failures later, as above. */
  drainTickMs: 200,
  /** The same after a look that left rows which the store refuses. */
  drainRefusedTickMs: 1_000,
  /** Logs named in one `store.rollback-accepted` event; more take several. */
  rollbackLogsPerEvent: 200,
} as const
