/** Signers for tests, by node:crypto from a 32-byte seed. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import {
  type NoteSigner,
  type SignatureType,
  cosignatureMessage,
  formatCosignature,
  signatureTypes,
  vkeyFor,
} from '../../src/log/index.ts'

const keyOfSeed = (seed: Uint8Array) =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  })

export const seedOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)

export const publicKeyOf = (seed: Uint8Array): Uint8Array =>
  new Uint8Array(createPublicKey(keyOfSeed(seed)).export({ format: 'der', type: 'spki' }).subarray(-32))

export const signEd25519 = (seed: Uint8Array, message: Uint8Array): Uint8Array =>
  new Uint8Array(sign(null, message, keyOfSeed(seed)))

export function noteSigner(name: string, seed: Uint8Array): NoteSigner {
  return { ...idOf(name, seed, signatureTypes.ed25519), sign: (text) => signEd25519(seed, text) }
}

/** A witness whose clock stands still. */
export function cosigner(name: string, seed: Uint8Array, time: number): NoteSigner {
  const sign = (text: Uint8Array) =>
    formatCosignature({ time, signature: signEd25519(seed, cosignatureMessage(time, text)) })
  return { ...idOf(name, seed, signatureTypes.cosignature), sign }
}

function idOf(name: string, seed: Uint8Array, type: SignatureType) {
  return { name, keyId: vkeyFor(name, publicKeyOf(seed), type).keyId }
}
