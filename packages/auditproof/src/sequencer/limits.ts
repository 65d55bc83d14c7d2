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
  /** Logs named in one `store.rollback-accepted` event; more take several. */
  rollbackLogsPerEvent: 200,
} as const
