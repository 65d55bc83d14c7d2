/**
 * Base64 of RFC 4648 in its one canonical form: the standard alphabet with padding (§4), the URL alphabet without (§5).
 *
 * Decoders in the wild skip white space, missing padding and stray bits, so that one value has many spellings. Ours takes
 * a spelling only if encoding its bytes again gives the same text. What is not canonical is `undefined`: the caller
 * knows what it was reading and names it in its error.
 */

export const encodeBase64: (bytes: Uint8Array) => string =
  typeof Uint8Array.prototype.toBase64 === 'function'
    ? (bytes) => bytes.toBase64()
    : (bytes) => btoa(latin1OfBytes(bytes)) // Node 24 has no Uint8Array.prototype.toBase64.

export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = decodeLeniently(text)
  return bytes !== undefined && encodeBase64(bytes) === text ? bytes : undefined
}

export const encodeBase64url = (bytes: Uint8Array): string =>
  encodeBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

export function decodeBase64url(text: string): Uint8Array | undefined {
  const bytes = decodeLeniently(text.replaceAll('-', '+').replaceAll('_', '/'))
  return bytes !== undefined && encodeBase64url(bytes) === text ? bytes : undefined
}

function decodeLeniently(text: string): Uint8Array | undefined {
  try {
    return typeof Uint8Array.fromBase64 === 'function' ? Uint8Array.fromBase64(text) : bytesOfLatin1(atob(text))
  } catch {
    return undefined // Not base64 in any spelling; both decoders throw for nothing else.
  }
}

const latin1ChunkBytes = 8_192 // Function.apply has a limit on arguments.

function latin1OfBytes(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += latin1ChunkBytes)
    text += String.fromCharCode(...bytes.subarray(at, at + latin1ChunkBytes))
  return text
}

function bytesOfLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}
