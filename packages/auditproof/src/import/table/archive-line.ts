/**
 * Lines of the mail archive's JSON-Lines file. It has no ids, knows seconds only, and on a full disk a torn line stays
 * and the next record is glued to it: `{"timestamp":"2026-01-01T00:00:0{"timestamp":"2026-…`.
 */
import type { JsonObject } from '../../event/json.ts'
import { parseJson } from '../../event/parse-json.ts'
import { parseTime } from '../../event/time.ts'
import { textOf } from '../foreign.ts'

/** A whole record, or what is left of a torn one. */
export type Piece = { text: string; record: JsonObject } | { text: string; record?: undefined }

// Its writer begins every record like this, and within a string the quotes are escaped: nowhere else does it occur.
const beginning = /(?=\{"timestamp":")/

/** One piece of a line that is whole; of another one every record that can be read, and what lies between. */
export function splitTorn(text: string): Piece[] {
  const whole = recordOf(text)
  if (whole !== undefined) return [{ text, record: whole }]
  return text.split(beginning).flatMap((part): Piece[] => {
    if (part.trim() === '') return []
    const record = recordOf(part)
    return [record === undefined ? { text: part } : { text: part, record }]
  })
}

function recordOf(text: string): JsonObject | undefined {
  let value: unknown
  try {
    value = parseJson(text)
  } catch {
    return undefined
  }
  const isRecord = typeof value === 'object' && value !== null && 'timestamp' in value && 'event_type' in value
  return isRecord ? (value as JsonObject) : undefined
}

const texts = ['event_type', 'username', 'ip_address', 'query', 'mail_id', 'detail'] as const

/**
 * What a row and its line have in common, as text: equal for both exactly when they say the same. The file leaves empty
 * members out and cuts times to the second.
 */
export function matchKey(record: JsonObject): string {
  const member = (name: string): string => (Object.hasOwn(record, name) ? (textOf(record[name]) ?? '') : '')
  const time = member('timestamp')
  return JSON.stringify([parseTime(time)?.slice(0, 19) ?? time, member('success'), ...texts.map(member)])
}
