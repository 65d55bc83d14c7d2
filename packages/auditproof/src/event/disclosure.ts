/**
 * Disclosures of RFC 9901 (SD-JWT): base64url of the JSON array `[salt, group, value]`, or `[salt, change]` for one
 * change. The digest covers the base64url text itself, so no canonical form is needed: the bytes are kept.
 * Deleting a disclosure with its salt makes the digest unlinkable and leaves the entry as it was.
 */
import { sha256Base64url, textToBase64url } from '#sha256'
import { AuditError } from '../errors.ts'
import type { Json } from './json.ts'
import { parseJson } from './parse-json.ts'

/** Fixed, always all five, so that their number tells nothing. */
export const groups = ['actor', 'target', 'context', 'changes', 'details'] as const
export type Group = (typeof groups)[number]

/** Sixteen random bytes as base64url: 22 characters. */
export type Salt = string

/** `value` is JSON text. */
export const encodeDisclosure = (salt: Salt, group: Group, value: string): string =>
  textToBase64url(`["${salt}","${group}",${value}]`)

/** `change` is JSON text. */
export const encodeChangeDisclosure = (salt: Salt, change: string): string => textToBase64url(`["${salt}",${change}]`)

/** base64url(SHA-256(ASCII of the disclosure)), 43 characters. */
export const disclosureDigest = (disclosure: string): string => sha256Base64url(disclosure)

export type Disclosure = { salt: Salt; group: Group; value: Json } | { salt: Salt; group?: never; value: Json }

const base64url = /^[A-Za-z0-9_-]+$/

/** @throws AuditError `disclosure_malformed` */
export function decodeDisclosure(text: string): Disclosure {
  const parsed = parseArray(text)
  const [salt] = parsed
  if (typeof salt !== 'string' || !/^[A-Za-z0-9_-]{22}$/.test(salt))
    throw malformed('its salt is not 16 bytes of base64url')
  if (parsed.length === 2) return { salt, value: parsed[1]! }
  const group = groups.find((known) => known === parsed[1])
  if (group === undefined) throw malformed(`group ${JSON.stringify(parsed[1])} is unknown`)
  return { salt, group, value: parsed[2]! }
}

/**
 * The value of a disclosure whose digest is known to be the right one: its spelling is bound, and needs no check.
 * @param group what it claims, as `peekGroup` or `decodeDisclosure` says; `null` for a single change
 * @throws AuditError `disclosure_malformed`
 */
export function boundValue(text: string, group: Group | null): Json {
  let value: Json
  try {
    value = parseJson(utf8OfBase64url(text)) as Json
  } catch (cause) {
    throw malformed('it does not decode to UTF-8 of JSON', cause)
  }
  if (group === null) {
    if (!Array.isArray(value) || value.length !== 2) throw malformed('it is not a single change')
    return value[1]!
  }
  if (!Array.isArray(value) || value.length !== 3 || value[1] !== group) throw malformed(`it is not one of ${group}`)
  return value[2]!
}

/**
 * The group that a disclosure claims, without reading its value: `null` for a single change, undefined where only
 * `decodeDisclosure` can tell. `["`, a salt and `","` are 27 bytes, hence exactly 36 characters.
 */
export function peekGroup(text: string): Group | null | undefined {
  if (text.startsWith('Iix7', 32)) return null // `",{`: an object stands where the group would
  if (!text.startsWith('Iiwi', 32)) return undefined
  return groupPrefixes.find(({ prefix }) => text.startsWith(prefix, 36))?.group
}

/** The first six bytes of each group and what follows, which tell the five apart. */
const groupPrefixes = groups.map((group) => ({ group, prefix: textToBase64url(`${group}",`.slice(0, 6)) }))

function parseArray(text: string): Json[] {
  // One text for one byte string: atob alone would take padding, blanks and loose bits.
  if (!base64url.test(text)) throw malformed('it is not base64url without padding')
  if (!isCanonicalEnd(text)) throw malformed('its last character carries bits that mean nothing')
  let value: Json
  try {
    value = parseJson(utf8OfBase64url(text)) as Json
  } catch (cause) {
    throw malformed('it does not decode to UTF-8 of JSON', cause)
  }
  if (!Array.isArray(value) || (value.length !== 2 && value.length !== 3))
    throw malformed('it is not an array of two or three')
  return value
}

/** Whether the bits of the last character that belong to no byte are zero. */
function isCanonicalEnd(text: string): boolean {
  const loose = text.length % 4
  if (loose === 0) return true
  return (loose === 2 ? 'AQgw' : loose === 3 ? 'AEIMQUYcgkosw048' : '').includes(text.at(-1)!)
}

const wide = /[\u0080-\u00FF]/
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Throws what atob and TextDecoder throw. */
function utf8OfBase64url(text: string): string {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  if (!wide.test(binary)) return binary // ASCII, as nearly all of them are
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return utf8.decode(bytes)
}

const malformed = (what: string, cause?: unknown): AuditError =>
  new AuditError('disclosure_malformed', `A disclosure cannot be read: ${what}.`, { cause })
