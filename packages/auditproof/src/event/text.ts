/**
 * Text that every store gives back as it took it. NUL makes PostgreSQL refuse a row, a lone surrogate comes back
 * from SQLite as three others: both are replaced before hashing, so nobody can make his own act unrecordable.
 */
import { sha256 } from '#sha256'
import { limits } from './limits.ts'

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

/** The beginning of a text that is too long, followed by what the whole was: its bytes and SHA-256. */
export function cutText(text: string): string {
  const head = text.slice(0, limits.cutHeadUnits).toWellFormed()
  return `${head}… ${describeCut(text)}`
}

/** `[cut: 10485760 bytes, sha256 …]`; the hash covers the first 32 MiB when there is more. */
export function describeCut(text: string): string {
  const bytes = new TextEncoder().encode(text)
  const covered = bytes.subarray(0, limits.cutHashBytesMax)
  const hex = Array.from(sha256(covered), (byte) => byte.toString(16).padStart(2, '0')).join('')
  const scope = covered.length === bytes.length ? 'sha256' : `sha256 of the first ${covered.length}`
  return `[cut: ${bytes.length} bytes, ${scope} ${hex}]`
}
