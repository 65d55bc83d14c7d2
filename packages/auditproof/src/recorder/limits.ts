/** Limits of the doors, with their units. */
export const recorderLimits = {
  /** Events of one append; a batch gathers while the one before is under way. */
  batchEvents: 512,
  /** So many events begin a second append beside the one under way, where the store takes several. */
  overlapEvents: 64,
  /** Appends under way at once to a store that many processes share: one is planned while the other is written. */
  sharedAppends: 2,
  /** Events of one append where there may be several: all that wait in one batch would leave nothing to plan meanwhile. */
  sharedBatchEvents: 256,
  /** JSON text of one append, UTF-16 units. */
  batchUnits: 1_048_576,
  /** JSON text waiting to be appended, UTF-16 units; above, record() rejects with `queue_full`. */
  queueUnitsMax: 67_108_864,
  /** How long close() waits for what is accepted, milliseconds. */
  closeTimeoutMs: 10_000,
  /** A store that could not be opened is tried again after this long, milliseconds. */
  reopenIntervalMs: 250,
  /** How long `ack.published()` waits when it is not told, milliseconds. */
  publishedTimeoutMs: 30_000,
  /** While somebody waits for a checkpoint, it is looked for this often besides, milliseconds. */
  publishedTickMs: 200,
  /** Rows of an SQLite handle's `auditproof_pending` copied in one append. */
  handleRows: 256,
  /** While a transaction is open on an SQLite handle, it is looked at this often whether it has ended, milliseconds. */
  handleTickMs: 200,
  /** Copying from an SQLite handle that failed is tried again after twice as long each time, up to this, milliseconds. */
  handleRetryMaxMs: 30_000,
} as const
