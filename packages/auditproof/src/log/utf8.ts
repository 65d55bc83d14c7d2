/** UTF-8 without repair: bytes that are not UTF-8, and text that has no UTF-8, are `undefined` instead of U+FFFD. */

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }) // A byte order mark is text like any other.

export const encodeUtf8 = (text: string): Uint8Array | undefined =>
  text.isWellFormed() ? encoder.encode(text) : undefined

export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined // `fatal` throws for malformed input and nothing else.
  }
}
