import { hash } from 'node:crypto'

/** SHA-256 as bytes. Synchronous. By way of a string, which node:crypto gives back 2.5 times faster than a buffer. */
export const sha256 = (data: Uint8Array): Uint8Array => Buffer.from(hash('sha256', data, 'latin1'), 'latin1')

/** SHA-256 of ASCII or UTF-8 text as base64url without padding. */
export const sha256Base64url = (text: string): string => hash('sha256', text, 'base64url')

/** UTF-8 text as base64url without padding. */
export const textToBase64url = (text: string): string => Buffer.from(text, 'utf8').toString('base64url')
