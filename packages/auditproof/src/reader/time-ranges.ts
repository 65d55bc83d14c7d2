/** `at:`: from times as they are written to ranges of microseconds. */
import { microseconds } from '../event/index.ts'
import { spanOf, type KeyTerm } from '../query/index.ts'
import type { Selection, TimeRange } from '../store/search.ts'

const always: TimeRange = { since: -Infinity, until: Infinity }

/** Bounds that no time meets, so that a store opens nothing. */
export const never: TimeRange = { since: Infinity, until: -Infinity }

/**
 * `at:DAY at:DAY` are alternatives; comparisons hold together with them; what is negated is cut out.
 * @param now milliseconds since 1970
 * @returns one range as bounds, several as bounds and what lies between
 */
export function timesOf(terms: readonly KeyTerm[], now: number): Pick<Selection, 'since' | 'until' | 'within'> {
  const ranges = terms.map((term) => ({ term, range: timeRange(term, now) }))
  const alternatives = ranges.filter(({ term }) => term.comparison === '=' && !term.negated).map(({ range }) => range)
  let times = alternatives.length > 0 ? alternatives : [always]
  for (const { term, range } of ranges) {
    if (term.negated) times = times.flatMap((one) => without(one, range))
    else if (term.comparison !== '=') times = times.flatMap((one) => common(one, range))
  }
  return boundsOf(joined(times))
}

function timeRange({ value, comparison }: KeyTerm, now: number): TimeRange {
  const span = spanOf(value, now)
  const [since, until] = [microseconds(span.since), microseconds(span.until)]
  if (comparison === '=') return { since, until }
  if (comparison === '>=') return { since, until: Infinity }
  if (comparison === '>') return { since: until, until: Infinity }
  return { since: -Infinity, until: comparison === '<' ? since : until }
}

const common = (a: TimeRange, b: TimeRange): TimeRange[] =>
  [{ since: Math.max(a.since, b.since), until: Math.min(a.until, b.until) }].filter(({ since, until }) => since < until)

const without = (a: TimeRange, cut: TimeRange): TimeRange[] => [
  ...common(a, { since: -Infinity, until: cut.since }),
  ...common(a, { since: cut.until, until: Infinity }),
]

/** In order, those that touch as one. */
function joined(times: readonly TimeRange[]): TimeRange[] {
  const ranges: TimeRange[] = []
  for (const range of times.toSorted((a, b) => a.since - b.since)) {
    const last = ranges.at(-1)
    if (last === undefined || range.since > last.until) ranges.push(range)
    else ranges[ranges.length - 1] = { since: last.since, until: Math.max(last.until, range.until) }
  }
  return ranges
}

function boundsOf(times: readonly TimeRange[]): Pick<Selection, 'since' | 'until' | 'within'> {
  const [first, last] = [times[0], times.at(-1)]
  if (first === undefined || last === undefined) return never
  return {
    ...(first.since > -Infinity && { since: first.since }),
    ...(last.until < Infinity && { until: last.until }),
    ...(times.length > 1 && { within: times }),
  }
}
