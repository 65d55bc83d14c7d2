import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'

/** SHA-256 as bytes. Synchronous, without node:crypto, for browsers and other runtimes. */
export const sha256 = (data: Uint8Array): Uint8Array => nobleSha256(data)

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** SHA-256 of ASCII or UTF-8 text as base64url without padding. */
export function sha256Base64url(text: string): string {
  const digest = nobleSha256(new TextEncoder().encode(text))
  let out = ''
  for (let i = 0; i < digest.length; i += 3) {
    const bits = (digest[i]! << 16) | ((digest[i + 1] ?? 0) << 8) | (digest[i + 2] ?? 0)
    out += alphabet[bits >> 18]! + alphabet[(bits >> 12) & 63]! + alphabet[(bits >> 6) & 63]! + alphabet[bits & 63]!
  }
  return out.slice(0, 43) // 32 bytes are 43 characters; the last group was one byte short.
}
