/** Limits of the doors, with their units. */
export const recorderLimits = {
  /** Events of one append; a batch gathers while the one before is under way. */
  batchEvents: 512,
  /** JSON text of one append, UTF-16 units. */
  batchUnits: 1_048_576,
  /** JSON text waiting to be appended, UTF-16 units; above, record() rejects with `queue_full`. */
  queueUnitsMax: 67_108_864,
  /** How long close() waits for what is accepted, milliseconds. */
  closeTimeoutMs: 10_000,
  /** A store that could not be opened is tried again after this long, milliseconds. */
  reopenIntervalMs: 250,
} as const
