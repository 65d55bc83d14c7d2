/**
 * The signing key in a file of its own, mode 0600, in the format of golang.org/x/mod/sumdb/note, so that other tools
 * can use it: `PRIVATE+KEY+<name>+<key id>+<base64>`. Never in the database.
 */
import { createPrivateKey, createPublicKey, randomBytes, sign as signBytes, type KeyObject } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AuditError } from '../errors.ts'
import { formatSkey, formatVkey, isKeyName, parseSkey, signatureTypes, vkeyFor } from '../log/index.ts'
import { makeDirectory, syncDirectory } from '../store/sqlite/directory.ts'

export interface SigningKey {
  /** The name of the store; its logs sign under names that begin with it. */
  name: string
  publicKey: Uint8Array
  /** What others pin: `name+id+base64`. */
  vkey: string
  sign: (text: Uint8Array) => Uint8Array
}

export const keyFileIn = (directory: string): string => join(directory, 'signer.key')

/**
 * Reads the key, or makes one for a new store.
 * @throws AuditError `key_missing` where there is none and none may be made; `key_malformed`
 */
export function openKey(directory: string, newName: string | undefined): SigningKey {
  const path = keyFileIn(directory)
  if (!existsSync(path)) {
    if (newName === undefined)
      throw new AuditError('key_missing', `There is no signing key at ${path}.`, {
        hint: 'put it back from its safe place, or name its directory with --signer; without it nothing new can be signed',
      })
    makeKey(path, newName)
  }
  return signingKey(readSkey(path), path)
}

/** @throws AuditError `usage` where a key is there already, or for a name that no key can have */
export function newKey(directory: string, name: string): SigningKey {
  const path = keyFileIn(directory)
  if (existsSync(path)) throw new AuditError('usage', `There is a key at ${path} already; it is not replaced.`)
  makeKey(path, name)
  return signingKey(readSkey(path), path)
}

function makeKey(path: string, name: string): void {
  if (!isKeyName(name)) throw new AuditError('usage', `${JSON.stringify(name)} cannot name a key: no blanks, no "+".`)
  const seed = randomBytes(32)
  const { publicKey } = keyPair(seed)
  const { keyId } = vkeyFor(name, publicKey)
  writeSecretFile(path, `${formatSkey({ name, type: signatureTypes.ed25519, keyId, seed })}\n`)
}

function readSkey(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (cause) {
    throw new AuditError('key_missing', `The signing key at ${path} cannot be read.`, { cause })
  }
}

function signingKey(skey: string, path: string): SigningKey {
  const { name, seed, keyId } = parseSkey(skey)
  const { publicKey, privateKey } = keyPair(seed)
  const key = vkeyFor(name, publicKey)
  if (key.keyId !== keyId)
    throw new AuditError('key_malformed', `The key in ${path} has not the key id that stands beside it.`, {
      hint: 'the file was edited or damaged: restore it from a copy',
    })
  return { name, publicKey, vkey: formatVkey(key), sign: (text) => signBytes(null, text, privateKey) }
}

/** RFC 8410: what stands before the 32 bytes of an Ed25519 seed in PKCS #8. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

function keyPair(seed: Uint8Array): { publicKey: Uint8Array; privateKey: KeyObject } {
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return { privateKey, publicKey: new Uint8Array(spki.subarray(-32)) }
}

/**
 * A file of mode 0600 that appears whole or not at all, and stays after a power cut. When two processes make it at
 * once, the first wins and both read the same.
 */
export function writeSecretFile(path: string, text: string): void {
  makeDirectory(dirname(path))
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  try {
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
  syncDirectory(dirname(path))
}

/**
 * A secret in a file of its own: 32 random bytes as hex.
 * @param missing what to do when there is none
 * @throws AuditError `key_missing`, `key_malformed`
 */
export function openSecret(path: string, missing: 'make' | 'refuse' = 'make'): Uint8Array {
  if (missing === 'refuse' && !existsSync(path))
    throw new AuditError('key_missing', `There is no key at ${path}, from which the ids of this store are derived.`, {
      hint: 'put it back from a copy: with another key, importing again would store everything a second time',
    })
  if (!existsSync(path)) writeSecretFile(path, `${randomBytes(32).toString('hex')}\n`)
  const text = readFileSync(path, 'utf8').trim()
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new AuditError('key_malformed', `${path} is not 32 bytes of hex.`, { hint: 'restore it from a copy' })
  return Buffer.from(text, 'hex')
}
