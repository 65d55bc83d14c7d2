/**
 * Public keys of C2SP signed-note, written as vkeys:
 *
 *     <name>+<key id, 8 hex digits>+base64(<signature type> || <public key>)
 *     key id = SHA-256(<name> || 0x0A || <signature type> || <public key>)[:4]
 *
 * The name is hashed into the id, so one key pair has an id of its own under every name.
 */
import { sha256 } from '#sha256'
import { AuditError, assert } from '../errors.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { isGoodPublicKey } from './ed25519.ts'
import { encodeUtf8 } from './utf8.ts'

/** Both are Ed25519. A `cosignature` is C2SP tlog-cosignature v1: it signs the time as well. */
export const signatureTypes = { ed25519: 0x01, cosignature: 0x04 } as const

export type SignatureType = (typeof signatureTypes)[keyof typeof signatureTypes]

export interface VerifierKey {
  readonly name: string
  readonly type: SignatureType
  readonly keyId: number
  /** 32 bytes of Ed25519. */
  readonly publicKey: Uint8Array
}

/** Not empty, no Unicode white space, no '+'; no control character either, as it stands in notes. */
export const isKeyName = (name: string): boolean =>
  name.length > 0 && name.isWellFormed() && !/[\p{White_Space}\p{Cc}+]/u.test(name)

export function keyIdOf(name: string, type: SignatureType, publicKey: Uint8Array): number {
  const prefix = encodeUtf8(`${name}\n`)
  assert(prefix !== undefined, 'a key name without UTF-8')
  const input = new Uint8Array(prefix.length + 1 + publicKey.length)
  input.set(prefix)
  input[prefix.length] = type
  input.set(publicKey, prefix.length + 1)
  const digest = sha256(input)
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0)
}

/** A public key under a name: the key of a store serves all its logs, each under the log's own name. */
export function vkeyFor(
  name: string,
  publicKey: Uint8Array,
  type: SignatureType = signatureTypes.ed25519,
): VerifierKey {
  if (!isKeyName(name)) throw malformed(`${JSON.stringify(name)} is not a key name`)
  if (!isGoodPublicKey(publicKey))
    throw malformed(`the public key of ${name} is not an Ed25519 key that can be trusted`)
  return { name, type, keyId: keyIdOf(name, type, publicKey), publicKey }
}

export function formatVkey({ name, type, keyId, publicKey }: VerifierKey): string {
  const bytes = new Uint8Array(1 + publicKey.length)
  bytes[0] = type
  bytes.set(publicKey, 1)
  return `${name}+${formatKeyId(keyId)}+${encodeBase64(bytes)}`
}

export function parseVkey(vkey: string): VerifierKey {
  // Base64 has '+' too, so only the first two divide.
  const [, name, id, encoded] = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(vkey) ?? []
  const bytes = encoded === undefined ? undefined : decodeBase64(encoded)
  if (name === undefined || bytes === undefined) throw malformed('a vkey is name+hex+base64')
  const type = bytes[0]
  if (type !== signatureTypes.ed25519 && type !== signatureTypes.cosignature)
    throw malformed(`signature type ${type} of ${name} is not supported`)
  const key = vkeyFor(name, bytes.slice(1), type)
  if (formatKeyId(key.keyId) !== id) throw malformed(`key id ${id} of ${name} should be ${formatKeyId(key.keyId)}`)
  return key
}

export const formatKeyId = (keyId: number): string => keyId.toString(16).padStart(8, '0')

const malformed = (what: string) => new AuditError('key_malformed', `not a verifier key: ${what}`)
