/** Limits of a query, with their units. */
export const queryLimits = {
  /** The text of one query, UTF-16 units. */
  queryUnitsMax: 4_096,
  /** Words, phrases and keys in one query. */
  termsMax: 64,
  /** The beginning of a word, `in*`, characters: nearly every event has a word that begins with some one letter. */
  wordPrefixCharsMin: 2,
} as const
