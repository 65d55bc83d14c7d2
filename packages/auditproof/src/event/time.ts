/**
 * RFC 3339 in UTC, as precise as the producer has it: an offset is applied, a fraction is kept digit by digit.
 */
import { limits } from './limits.ts'

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))$/

/** Text, a Date or milliseconds since 1970 as RFC 3339 UTC; undefined where it is none of them. */
export function parseTime(value: unknown): string | undefined {
  if (typeof value === 'string') return parseRfc3339(value)
  const ms = typeof value === 'number' ? value : value instanceof Date ? value.getTime() : Number.NaN
  return Number.isFinite(ms) ? formatTime(ms) : undefined
}

/** Milliseconds since 1970 as RFC 3339 UTC; undefined outside the years 0000 to 9999. */
export function formatTime(ms: number): string | undefined {
  const date = new Date(ms)
  if (Number.isNaN(date.getTime())) return undefined
  const text = date.toISOString()
  return text.length === 24 ? text : undefined // beyond 9999 and before 0 it is ±YYYYYY
}

/** A stored time, exactly as `parseTime` writes it. */
export const isTime = (text: string): boolean => text.endsWith('Z') && text[10] === 'T' && parseRfc3339(text) === text

/**
 * Text that sorts as the times do: without the final Z, `…:00` comes before `…:00.5`; without zeros at the end of the
 * fraction, `…:00` and `…:00.000` are one time.
 */
export function sortableTime(time: string): string {
  if (time.length === 20) return time.slice(0, 19)
  let end = time.length - 1
  while (time[end - 1] === '0') end--
  return time.slice(0, time[end - 1] === '.' ? end - 1 : end)
}

function parseRfc3339(text: string): string | undefined {
  const match = rfc3339.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction, utc, sign, offsetHours, offsetMinutes] = match
  const leap = second === '60'
  // A leap second exists at the end of a UTC minute only, and Date knows none.
  if (leap && utc === undefined) return undefined
  const whole = `${year}-${month}-${day}T${hour}:${minute}:${leap ? '59' : second}Z`
  const ms = Date.parse(whole)
  // Date.parse takes February 30 and hour 24 and moves them; re-encoding shows it.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19) !== whole.slice(0, 19)) return undefined
  const digits = fraction === undefined ? '' : `.${fraction.slice(0, limits.fractionDigitsMax)}`
  if (utc !== undefined) return `${year}-${month}-${day}T${hour}:${minute}:${second}${digits}Z`
  const offset = Number(offsetHours) * 60 + Number(offsetMinutes)
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined
  const shifted = formatTime(ms - (sign === '-' ? -offset : offset) * 60_000)
  return shifted === undefined ? undefined : `${shifted.slice(0, 19)}${digits}Z`
}
