/** Limits of reading, with their units. */
export const listLimits = {
  /** Events of one page when nothing else is asked for. */
  pageEvents: 50,
  pageEventsMax: 1_000,
  /** Pages of a store that are searched for one page of a phrase. */
  phrasePagesMax: 20,
  /** Reads of entries that do not lie side by side, under way at once. */
  readsAtOnce: 32,
} as const

export const whoLimits = {
  /** The newest events of a thing that are looked through for its end. */
  eventsMax: 200,
  /** Pages that are read for them: one may end early, or be empty, where the search met its bound. */
  pagesMax: 100,
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
  /** Events that are kept for those who keep up with one stream. */
  recentEvents: 2_000,
  /** And so many bytes of their entries and disclosures. */
  recentBytes: 8_388_608,
  /** Events that one read gives. */
  readEvents: 500,
  /** One read ends behind the event that reaches this, bytes of entries and disclosures. */
  readBytes: 262_144,
  /** Events that a read asks the store for before it knows how large they are. */
  readFirstEvents: 32,
  /** Rows of the feed that one read gives. */
  readFeedRows: 200,
  /** How often the store is asked whether anything was committed, milliseconds. */
  pollMs: 100,
  /** The same while the store tells by itself. */
  pollToldMs: 2_000,
  /** The first wait after a failure to read, milliseconds; it doubles each time. */
  retryMs: 200,
  /** The longest of these waits, milliseconds. */
  retryMsMax: 10_000,
} as const
