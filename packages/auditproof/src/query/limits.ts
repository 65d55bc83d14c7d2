/** Limits of a query, with their units. */
export const queryLimits = {
  /** The text of one query, UTF-16 units. */
  queryUnitsMax: 4_096,
  /** Words, phrases and keys in one query. */
  termsMax: 64,
} as const
