/**
 * Private keys as golang.org/x/mod/sumdb/note writes them:
 *
 *     PRIVATE+KEY+<name>+<key id, 8 hex digits>+base64(<signature type> || <Ed25519 seed, 32 bytes>)
 *
 * Only the form: nothing here derives a public key or signs. Whoever does compares the key id then, by `keyIdOf`.
 */
import { AuditError } from '../errors.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { decodeHex } from './hex.ts'
import { type SignatureType, formatKeyId, isKeyName, signatureTypes } from './key.ts'

export interface SignerKey {
  readonly name: string
  readonly type: SignatureType
  readonly keyId: number
  readonly seed: Uint8Array
}

const seedBytes = 32

export function formatSkey({ name, type, keyId, seed }: SignerKey): string {
  const bytes = new Uint8Array(1 + seed.length)
  bytes[0] = type
  bytes.set(seed, 1)
  return `PRIVATE+KEY+${name}+${formatKeyId(keyId)}+${encodeBase64(bytes)}`
}

export function parseSkey(skey: string): SignerKey {
  const [, name, id, encoded] = /^PRIVATE\+KEY\+([^+]*)\+([^+]*)\+(.*)$/s.exec(skey) ?? []
  const idBytes = id === undefined ? undefined : decodeHex(id)
  const bytes = encoded === undefined ? undefined : decodeBase64(encoded)
  const type = bytes?.[0]
  // The message says nothing of the bytes: they are secret, or were meant to be.
  if (name === undefined || !isKeyName(name) || idBytes?.length !== 4 || bytes?.length !== 1 + seedBytes)
    throw new AuditError('key_malformed', 'not a signer key: it is PRIVATE+KEY+name+hex+base64 of 33 bytes')
  if (type !== signatureTypes.ed25519 && type !== signatureTypes.cosignature)
    throw new AuditError('key_malformed', `signature type ${type} of the signer key ${name} is not supported`)
  return { name, type, keyId: new DataView(idBytes.buffer).getUint32(0), seed: bytes.slice(1) }
}
