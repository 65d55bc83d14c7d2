import { hash } from 'node:crypto'

/**
 * SHA-256 as bytes. Synchronous. By way of a string, which node:crypto gives back 2.5 times faster than a buffer;
 * not by a pooled Buffer, whose whole page would be cloned when a hash goes to another thread.
 */
export function sha256(data: Uint8Array): Uint8Array {
  const text = hash('sha256', data, 'latin1')
  const digest = new Uint8Array(32)
  for (let i = 0; i < 32; i++) digest[i] = text.charCodeAt(i)
  return digest
}

/** SHA-256 of ASCII or UTF-8 text as base64url without padding. */
export const sha256Base64url = (text: string): string => hash('sha256', text, 'base64url')

const scratch = Buffer.allocUnsafe(64 * 1024)

/** UTF-8 text as base64url without padding. */
export function textToBase64url(text: string): string {
  if (text.length * 3 > scratch.length) return Buffer.from(text, 'utf8').toString('base64url')
  return scratch.toString('base64url', 0, scratch.write(text, 'utf8'))
}
