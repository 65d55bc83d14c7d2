/** How much time a written time covers: a date is its whole day, `10:00Z` its minute, `10:00:05Z` its second. */
import { formatTime, parseTime } from '../event/time.ts'
import { parseWhen } from './when.ts'

/** At or after `since`, before `until`, both RFC 3339 UTC. */
export interface Span {
  readonly since: string
  readonly until: string
  /** `now` and `7d` are moments, as long as a millisecond. */
  readonly moment: boolean
}

const minuteMs = 60_000
const dayMs = 1_440 * minuteMs

/**
 * `at:VALUE` is since ≤ t < until; `>=` is since ≤ t; `>` is until ≤ t; `<` is t < since; `<=` is t < until.
 * @param now milliseconds since 1970
 * @throws AuditError `usage`
 */
export function spanOf(text: string, now: number): Span {
  const since = parseWhen(text, now)
  const trimmed = text.trim()
  if (/^(?:today|yesterday|\d{4}-\d\d-\d\d)$/.test(trimmed)) return { since, until: later(since, dayMs), moment: false }
  const fraction = /\.(\d+)Z$/.exec(since)?.[1]
  if (!/^\d{4}-/.test(trimmed)) return { since, until: later(since, 1), moment: true }
  if (fraction !== undefined) return { since, until: afterFraction(since, fraction), moment: false }
  const toTheMinute = /^.{10}.\d\d:\d\d(?!:)/.test(trimmed)
  return { since, until: toTheMinute ? later(since, minuteMs) : afterSecond(since), moment: false }
}

/** Behind all that can be stored. */
const endOfTime = '9999-12-31T23:59:60Z'

const later = (time: string, ms: number): string => formatTime(Date.parse(time) + ms) ?? endOfTime

/** A leap second, which Date does not know, ends with its minute. */
function afterSecond(time: string): string {
  const leap = time.slice(17, 19) === '60'
  return leap ? later(`${time.slice(0, 17)}00Z`, minuteMs) : later(`${time.slice(0, 19)}Z`, 1_000)
}

/** The next fraction with as many digits: `.25` ends where `.26` begins. */
function afterFraction(time: string, fraction: string): string {
  const next = String(Number(fraction) + 1).padStart(fraction.length, '0')
  return next.length > fraction.length ? afterSecond(time) : parseTime(`${time.slice(0, 19)}.${next}Z`)!
}
