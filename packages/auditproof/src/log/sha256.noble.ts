import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'

/** SHA-256 as bytes. Synchronous, without node:crypto, for browsers and other runtimes. */
export const sha256 = (data: Uint8Array): Uint8Array => nobleSha256(data)

/** SHA-256 of ASCII or UTF-8 text as base64url without padding. */
export const sha256Base64url = (text: string): string => bytesToBase64url(nobleSha256(new TextEncoder().encode(text)))

/** UTF-8 text as base64url without padding. */
export const textToBase64url = (text: string): string => bytesToBase64url(new TextEncoder().encode(text))

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

function bytesToBase64url(bytes: Uint8Array): string {
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const bits = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    out += alphabet[bits >> 18]! + alphabet[(bits >> 12) & 63]! + alphabet[(bits >> 6) & 63]! + alphabet[bits & 63]!
  }
  const missing = (3 - (bytes.length % 3)) % 3 // the last group may be one or two bytes short
  return missing === 0 ? out : out.slice(0, -missing)
}
