/** When it happened, as sources write it. Nothing is invented: what is no time is handed on, and the event is flagged. */
import { formatTime, parseTime } from '../event/time.ts'
import { noTime } from './mapped.ts'

export const timeFormats = ['rfc3339', 'local', 'unix', 'unix-ms', 'unix-ns'] as const
export type TimeFormat = (typeof timeFormats)[number]

export interface SourceTime {
  /** RFC 3339, or the source's text where it is no time, or `noTime`. */
  occurredAt: string
  /** What a reader must know of it; for `details`. */
  timeZone?: string
}

const assumedUtc = 'not in the source, taken as UTC'
const local = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d+)?)$/

/** RFC 3339, or a time without its zone. */
export function readTime(text: string | undefined): SourceTime {
  if (text === undefined) return { occurredAt: noTime }
  if (parseTime(text) !== undefined) return { occurredAt: text }
  const [, day, time] = local.exec(text) ?? []
  const assumed = parseTime(`${day}T${time}Z`)
  return assumed === undefined ? { occurredAt: text } : { occurredAt: assumed, timeZone: assumedUtc }
}

/** A time in a format that is known: of a number the digits count, since nanoseconds lie beyond 2^53. */
export function readTimeAs(format: TimeFormat, text: string | undefined): SourceTime {
  if (text === undefined || format === 'rfc3339') return { occurredAt: text ?? noTime }
  if (format === 'local') return readTime(text)
  return { occurredAt: sinceEpoch(text, digitsBehindSeconds[format]) ?? text }
}

const digitsBehindSeconds = { unix: 0, 'unix-ms': 3, 'unix-ns': 9 } as const

const decimal = /^(-?)(\d{1,30})(?:\.(\d+))?$/

/** `1700000000123` with 3 digits behind the seconds → `2023-11-14T22:13:20.123Z`, every digit kept. */
function sinceEpoch(text: string, digits: number): string | undefined {
  const [, sign, whole = '', rest = ''] = decimal.exec(text) ?? []
  if (whole === '') return undefined
  if (sign === '-') return rest === '' && digits <= 3 ? formatTime(Number(text) * 10 ** (3 - digits)) : undefined
  const padded = whole.padStart(digits + 1, '0')
  const seconds = Number(padded.slice(0, padded.length - digits))
  const fraction = `${padded.slice(padded.length - digits)}${rest}`
  const time = formatTime(seconds * 1000)
  if (time === undefined) return undefined
  return parseTime(`${time.slice(0, 19)}${fraction === '' ? '' : `.${fraction}`}Z`)
}
