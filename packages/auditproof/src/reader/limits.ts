/** Limits of reading, with their units. */
export const listLimits = {
  /** Events of one page when nothing else is asked for. */
  pageEvents: 50,
  pageEventsMax: 1_000,
  /** Pages of a store that are searched for one page of a phrase. */
  phrasePagesMax: 20,
} as const

export const surveyLimits = {
  /** Events are counted up to here; beyond, it is said that there are more. */
  countMax: 2_000,
  /** Values of each facet. */
  facetValuesMax: 20,
  /** Bars of a histogram. */
  binsMax: 400,
} as const

export const followLimits = {
  /** Events that are kept for those who keep up. */
  recentEvents: 2_000,
  /** Events that one read gives. */
  readEvents: 500,
  /** Rows of the feed that one read gives. */
  readFeedRows: 200,
  /** How often the store is asked whether anything was committed, milliseconds. */
  pollMs: 100,
  /** The first wait after a failure to read, milliseconds; it doubles each time. */
  retryMs: 200,
  /** The longest of these waits, milliseconds. */
  retryMsMax: 10_000,
} as const
