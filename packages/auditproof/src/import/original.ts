/**
 * The original of an imported event, kept in `details.original`: re-serialising a record changes it (`0.0` becomes
 * `0`, 64-bit numbers are rounded), and what is to be proved is what the source said.
 */
import { createHash } from 'node:crypto'
import { isStorable } from '../event/text.ts'
import { importLimits } from './limits.ts'

/** Text where every store gives it back unchanged, else base64 of its UTF-8. */
export type KeptText = string | { base64: string }

/** Above `originalBytesMax` the whole is known by size and SHA-256 (hex), and its beginning can be read. */
export type Original = KeptText | { bytes: number; sha256: string; head: KeptText }

export function keepOriginal(
  text: string,
  bytes: Uint8Array,
  bytesMax: number = importLimits.originalBytesMax,
): Original {
  if (bytes.length <= bytesMax) return keepText(text)
  return {
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    head: keepText(Buffer.from(bytes.subarray(0, characterStart(bytes, bytesMax))).toString('utf8')),
  }
}

/** The original's bytes; undefined where only its head was kept. */
export function restoreOriginal(original: Original): Uint8Array | undefined {
  if (typeof original === 'string') return Buffer.from(original, 'utf8')
  return 'base64' in original ? Buffer.from(original.base64, 'base64') : undefined
}

const keepText = (text: string): KeptText =>
  isStorable(text) ? text : { base64: Buffer.from(text, 'utf8').toString('base64') }

/** The last position up to `at` where a UTF-8 character begins. */
function characterStart(bytes: Uint8Array, at: number): number {
  while (at > 0 && (bytes[at]! & 0xc0) === 0x80) at--
  return at
}
