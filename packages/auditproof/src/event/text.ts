/**
 * Text that every store gives back as it took it. NUL makes PostgreSQL refuse a row, a lone surrogate comes back
 * from SQLite as three others: both are replaced before hashing, so nobody can make his own act unrecordable.
 */
import { sha256 } from '#sha256'
import { limits } from './limits.ts'
import type { Budget } from './budget.ts'

// With the u flag a surrogate matches only when it is alone. Tab, line feed and carriage return stay.
const unstorable = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u{D800}-\u{DFFF}]/u
const everyUnstorable = new RegExp(unstorable, 'gu')

export const isStorable = (text: string): boolean => !unstorable.test(text)

/** C0 and DEL become their control pictures (␀, ␛, ␡), C1 and lone surrogates U+FFFD. */
export function normalizeText(text: string): string {
  return text.replace(everyUnstorable, (character) => {
    const code = character.codePointAt(0)!
    if (code < 0x20) return String.fromCharCode(0x2400 + code)
    return code === 0x7f ? '\u2421' : '\uFFFD'
  })
}

/** A string as it is stored: normalised, cut at `unitsMax` or at what is left of the event's size. */
export function takeText(text: string, budget: Budget, unitsMax: number = limits.textUnitsMax): string {
  let taken = text
  if (text.length > unitsMax) taken = cutText(text, unitsMax, budget)
  if (!isStorable(taken)) {
    taken = normalizeText(taken)
    budget.flags.add('normalized')
  }
  let bytes = jsonBytes(taken)
  if (bytes > budget.bytes) {
    taken = shortest(text, budget)
    bytes = jsonBytes(taken)
  }
  budget.bytes -= bytes
  return taken
}

/** The beginning of a text that is too long, followed by what the whole was. */
function cutText(text: string, unitsMax: number, budget: Budget): string {
  const head = Math.min(limits.cutHeadUnits, unitsMax - cutNoteUnitsMax)
  return `${text.slice(0, head).toWellFormed()}… ${describeCut(text, budget)}`
}

/** When there is no room for the beginning of a text any more, and then not even for its hash. */
function shortest(text: string, budget: Budget): string {
  budget.flags.add('cut')
  return budget.bytes > cutNoteUnitsMax ? describeCut(text, budget) : '[cut]'
}

const cutNoteUnitsMax = 128

/** `[cut: 10485760 bytes, sha256 …]`; the hash covers the beginning where there is more than may be hashed. */
export function describeCut(text: string, budget: Budget): string {
  budget.flags.add('cut')
  const covered = text.length > budget.hashBytes ? beginningOf(text, budget.hashBytes) : text
  const bytes = encoder.encode(covered)
  budget.hashBytes -= bytes.length
  if (covered === '') return `[cut: ${text.length} characters]`
  const hex = Array.from(sha256(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
  if (covered.length === text.length) return `[cut: ${bytes.length} bytes, sha256 ${hex}]`
  return `[cut: ${text.length} characters, sha256 of the first ${covered.length} ${hex}]`
}

const encoder = new TextEncoder()

/** At most so many units, never ending between the two halves of a character. */
function beginningOf(text: string, units: number): string {
  const beginning = text.slice(0, Math.max(0, units))
  const last = beginning.charCodeAt(beginning.length - 1)
  return last >= 0xd800 && last <= 0xdbff ? beginning.slice(0, -1) : beginning
}

/** Bytes of UTF-8 that the JSON of a storable text takes, quotes included. */
export function jsonBytes(text: string): number {
  let bytes = text.length + 2
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x80) bytes += code >= 0x800 && (code < 0xd800 || code > 0xdfff) ? 2 : 1 // a pair is four bytes
    else if (code < 0x20 || code === 0x22 || code === 0x5c) bytes += 1 // \n \t \r \" \\
  }
  return bytes
}
