/** What a store is asked to find, in keys (event/search-keys.ts), and what it finds. The query language stands above. */
import { searchKinds, type Summary } from '../event/index.ts'

/** Which keys: one; all that begin with something (and end with something); all from one to another, both included. */
export type KeyMatch =
  | { readonly key: string }
  | { readonly prefix: string; readonly ending?: string }
  | { readonly from: string; readonly to: string }

/** Events that have any of these keys, or with `not` none of them. */
export interface Condition {
  readonly any: readonly KeyMatch[]
  readonly not: boolean
}

/** Microseconds since 1970, `since` included, `until` not. */
export interface TimeRange {
  readonly since: number
  readonly until: number
}

/** Which events. */
export interface Selection {
  /** One tenant; all but the reserved ones when absent. */
  readonly tenant?: string
  /** All of them hold. */
  readonly conditions: readonly Condition[]
  /** Microseconds since 1970: occurredAt at or after, and before. */
  readonly since?: number
  readonly until?: number
  /** Inside one of these as well. */
  readonly within?: readonly TimeRange[]
  /** Only what lies under the newest published checkpoint, or only what does not yet. */
  readonly sealed?: boolean
  /** Only indexes below this one, of one tenant: what the log had when a list was begun. */
  readonly below?: number
}

/**
 * `time`: by occurredAt to the microsecond, then log, then index. `index`: by index, of one tenant.
 */
export interface ListQuery extends Selection {
  readonly order: 'time' | 'index'
  readonly descending: boolean
  /** At most `listRowsMax`. */
  readonly limit: number
  /** Only what comes after this place in the order of the list. */
  readonly after?: ListPosition
}

/** A place in the order of a list; it need not be one of a row. */
export interface ListPosition {
  /** Microseconds since 1970; the index where that is the order. */
  at: number
  log: number
  index: number
}

export interface ListRow extends ListPosition {
  tenant: string
  id: string
  /** Null members are erased. */
  summary: StoredSummary
}

export type StoredSummary = { [K in keyof Summary]: Summary[K] | null }

export interface ListPage {
  rows: ListRow[]
  /** Where to go on: set when more may follow, also when the search met its bound before the page was full. */
  next: ListPosition | undefined
  /** Entries, of the logs looked at, whose words and changed fields are not in the index yet; 0 where none was asked for. */
  unindexed: number
}

export interface SurveyQuery extends Selection {
  /** Counted up to here. */
  readonly countMax: number
  /** Letters of kinds (`searchKinds`) whose keys are counted. */
  readonly facets: readonly string[]
  /** Keys of each kind, the most frequent ones. */
  readonly facetKeysMax: number
  /** A histogram from `since` to `until`, which must be there. */
  readonly bins?: number
}

/** What a list of the selection would show, in figures, newest first until a bound is met. */
export interface Survey {
  count: number
  /** Whether all that is selected was looked at; else the figures are of what happened at or after `reached`. */
  complete: boolean
  reached: number | undefined
  facets: { [kind: string]: FacetKey[] }
  bins: SurveyBin[]
  unindexed: number
}

export interface FacetKey {
  key: string
  count: number
}

/** Events from `from` on, until the next bin. */
export interface SurveyBin {
  /** Microseconds since 1970. */
  from: number
  count: number
  denied: number
  failed: number
}

/** A node of the search index: `level` 0 holds 4,096 indexes, each level above 32 of the one below. */
export interface IndexNode {
  n: number
  /** The range of occurredAt of its entries, microseconds since 1970. */
  earliest: number
  latest: number
}

/** A node as it is stored, for checking it. */
export interface StoredNode extends IndexNode {
  /** No node lies above it: a search begins there. */
  top: boolean
}

/** One key in one node of the search index. */
export interface Posting {
  key: string
  /** Of the entries, at level 0, or of the nodes below: places within the node, in order. Empty where the row cannot be read. */
  members: number[]
}

/** A node of the search index, in the order of log, level and n. */
export interface IndexPlace {
  log: number
  level: number
  n: number
}

/** Whether what happened then is selected. NaN, the time of what has no content any more, never is. */
export const isInTime = ({ since = -Infinity, until = Infinity, within }: Selection, time: number): boolean =>
  time >= since &&
  time < until &&
  (within === undefined || within.some((range) => time >= range.since && time < range.until))

export const comparePlaces = (a: { log: number; index: number }, b: { log: number; index: number }): number =>
  a.log - b.log || a.index - b.index

/** Of the order by time, or by index in one log, ascending. */
export const comparePositions = (a: ListPosition, b: ListPosition): number => a.at - b.at || comparePlaces(a, b)

/** The bins of a histogram, empty; of equal width, whole microseconds. */
export function binsOf({ bins = 0, since, until }: SurveyQuery): SurveyBin[] {
  if (bins === 0 || since === undefined || until === undefined) return []
  return Array.from({ length: bins }, (_, i) => ({
    from: since + Math.floor(((until - since) * i) / bins),
    count: 0,
    denied: 0,
    failed: 0,
  }))
}

/** The keys with the highest counts; of equal ones in order of key. */
export const mostFrequent = (counts: ReadonlyMap<string, number>, max: number): FacetKey[] =>
  [...counts]
    .map(([key, count]) => ({ key, count }))
    .sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1))
    .slice(0, max)

/** Whether a selection looks for what is built behind the log. */
export const asksForLaterKeys = ({ conditions }: Selection): boolean =>
  conditions.some(({ any }) =>
    any.some((match) => {
      const kind = ('key' in match ? match.key : 'from' in match ? match.from : match.prefix)[0]
      return kind === searchKinds.word || kind === searchKinds.changed
    }),
  )

/** Whether an event with these keys meets all conditions. */
export const meets = (keys: ReadonlySet<string>, conditions: readonly Condition[]): boolean =>
  conditions.every(({ any, not }) => any.some((match) => hasKey(keys, match)) !== not)

function hasKey(keys: ReadonlySet<string>, match: KeyMatch): boolean {
  if ('key' in match) return keys.has(match.key)
  for (const key of keys) if (isMatch(key, match)) return true
  return false
}

export function isMatch(key: string, match: KeyMatch): boolean {
  if ('key' in match) return key === match.key
  if ('from' in match) return key >= match.from && key <= match.to
  return key.startsWith(match.prefix) && (match.ending === undefined || key.endsWith(match.ending))
}
