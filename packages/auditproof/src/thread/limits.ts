/** Limits of worker threads, with their units. */
export const threadLimits = {
  /** A thread that died is started again by the next call, at most once in this long, milliseconds. */
  restartIntervalMs: 250,
} as const
