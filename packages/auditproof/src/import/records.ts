/** From bytes to a record: UTF-8 and JSON, both strictly, with the text as it was. */
import type { JsonObject } from '../event/json.ts'
import { keepLarge } from '../event/large-numbers.ts'
import { parseJson } from '../event/parse-json.ts'
import type { Piece } from './cloudtrail-file.ts'
import { importLimits } from './limits.ts'
import type { Line } from './lines.ts'

/** `bytes` is the original, `text` the same as UTF-16, `value` what JSON.parse makes of it. */
export interface RawRecord {
  number: number
  bytes: Uint8Array
  text: string
  value: JsonObject
}

/** A line that holds no record, and why. */
export interface MalformedLine {
  number: number
  reason: string
}

// Nothing is replaced and nothing is dropped: text and bytes stay one to one.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function parseRecord(piece: Piece): RawRecord | MalformedLine {
  const { number } = piece
  if ('broken' in piece) return { number, reason: piece.broken }
  const decoded = decodeText(piece)
  if ('reason' in decoded) return decoded
  const { text, bytes } = decoded
  let value: unknown
  try {
    value = parseKeepingLarge(number === 1 && text.startsWith('\uFEFF') ? text.slice(1) : text)
  } catch {
    // The parser's own message quotes the line, which may be personal; a log of malformed lines should not be.
    return { number, reason: 'it is not JSON' }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { number, reason: 'it is JSON, but not an object' }
  return { number, bytes, text, value: value as JsonObject }
}

/** A line as text, or why it is none. */
export function decodeText(line: Line): { text: string; bytes: Uint8Array } | MalformedLine {
  const { number } = line
  if ('tooLong' in line)
    return { number, reason: `${line.tooLong} bytes are more than the limit of ${importLimits.lineBytesMax}` }
  try {
    return { text: utf8.decode(line.bytes), bytes: line.bytes }
  } catch {
    return { number, reason: 'it is not UTF-8' }
  }
}

/** Numbers with so many digits, or with an exponent, may lie beyond 2^53; hashes in strings stand behind a quote. */
const perhapsLarge = /[:,[\s]-?(?:\d{16}|\d+(?:\.\d+)?[eE])/

/** Integers beyond 2^53 become the text they were written as: two tenants or ids must not round to one. */
function parseKeepingLarge(text: string): unknown {
  if (!perhapsLarge.test(text)) return parseJson(text)
  const plain: unknown = parseJson(text)
  try {
    return parseJson(text, keepLarge)
  } catch {
    // Reviving recurses, parsing does not: nested this deeply the numbers stay as they are, the text is kept anyway.
    return plain
  }
}
