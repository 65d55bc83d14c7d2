/**
 * RFC 3339 in UTC, as precise as the producer has it: an offset is applied, a fraction is kept digit by digit.
 */
import { limits } from './limits.ts'

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))$/
const stored = /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?Z$/

/** Text, a Date or milliseconds since 1970 as RFC 3339 UTC; undefined where it is none of them. */
export function parseTime(value: unknown): string | undefined {
  if (typeof value === 'string') return parseRfc3339(value)
  const ms = typeof value === 'number' ? value : typeof value === 'object' ? timeOfDate(value) : Number.NaN
  return Number.isFinite(ms) ? formatTime(ms) : undefined
}

function timeOfDate(value: object | null): number {
  try {
    return Date.prototype.getTime.call(value) // the brand decides: a proxy or a forged prototype is no Date
  } catch {
    return Number.NaN
  }
}

/** Milliseconds since 1970 as RFC 3339 UTC; undefined outside the years 0000 to 9999. */
export function formatTime(ms: number): string | undefined {
  const date = new Date(ms)
  if (Number.isNaN(date.getTime())) return undefined
  const text = date.toISOString()
  return text.length === 24 ? text : undefined // beyond 9999 and before 0 it is ±YYYYYY
}

/** A stored time, exactly as `parseTime` writes it. */
export function isTime(text: string): boolean {
  const match = stored.exec(text)
  return match !== null && dayExists(Number(match[1]), Number(match[2]), Number(match[3]))
}

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

/**
 * Microseconds since 1970 of a stored or a sortable time: lists order by it. Later digits do not count, and beyond the
 * year 2255 it is a little less precise; a later time never gives less.
 */
export function microseconds(time: string): number {
  const isLeap = time.charCodeAt(17) === 0x36 // a second 60, which Date does not know, is the one before and 1 more
  const ms = Date.parse(`${isLeap ? `${time.slice(0, 17)}59` : time.slice(0, 19)}Z`) + (isLeap ? 1000 : 0)
  let fraction = 0
  for (let i = 20, unit = 100_000; i < 26 && i < time.length; i++, unit /= 10) {
    const digit = time.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) break
    fraction += digit * unit
  }
  return ms * 1000 + fraction
}

function parseRfc3339(text: string): string | undefined {
  const match = rfc3339.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction, utc, sign, offsetHours, offsetMinutes] = match
  const digits = fraction === undefined ? '' : `.${fraction.slice(0, limits.fractionDigitsMax)}`
  // A leap second exists at the end of a UTC minute only, and Date knows none.
  const time = `${year}-${month}-${day}T${hour}:${minute}:${second}${digits}Z`
  if (utc !== undefined) return isTime(time) ? time : undefined
  if (second === '60' || !isTime(time) || Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined
  const offset = Number(offsetHours) * 60 + Number(offsetMinutes)
  const ms = Date.parse(`${time.slice(0, 19)}Z`)
  const shifted = formatTime(ms - (sign === '-' ? -offset : offset) * 60_000)
  return shifted === undefined ? undefined : `${shifted.slice(0, 19)}${digits}Z`
}

function dayExists(year: number, month: number, day: number): boolean {
  if (day <= 28) return true
  if (month === 2) return day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day <= 30 || [1, 3, 5, 7, 8, 10, 12].includes(month)
}
