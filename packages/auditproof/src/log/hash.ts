/**
 * Hashes of RFC 6962 §2.1 over SHA-256.
 *
 *     leaf hash = SHA-256(0x00 || entry)      node hash = SHA-256(0x01 || left || right)
 *
 * The prefixes differ, so a node can never be passed off as a leaf.
 */
import { sha256 } from '#sha256'
import { assert } from '../errors.ts'

/** 32 bytes of SHA-256. Never changed once made. */
export type Hash = Uint8Array

export const hashBytes = 32

const LEAF = 0x00
const NODE = 0x01

// Hashing is synchronous, so one buffer serves every call; a fresh one costs more than the hash.
const nodeInput = new Uint8Array(1 + 2 * hashBytes)
nodeInput[0] = NODE
const leafInput = new Uint8Array(8_192)
leafInput[0] = LEAF

export function leafHash(entry: Uint8Array): Hash {
  const length = 1 + entry.length
  const input = length <= leafInput.length ? leafInput.subarray(0, length) : new Uint8Array(length)
  input.set(entry, 1)
  return sha256(input)
}

export function nodeHash(left: Hash, right: Hash): Hash {
  // A shorter one would leave bytes of the last call in place.
  assert(left.length === hashBytes && right.length === hashBytes, 'a node hash of what is not two hashes')
  nodeInput.set(left, 1)
  nodeInput.set(right, 1 + hashBytes)
  return sha256(nodeInput)
}

/** The node hash of two hashes that lie side by side in `bytes`. */
export function nodeHashAt(bytes: Uint8Array, offset: number): Hash {
  nodeInput.set(bytes.subarray(offset, offset + 2 * hashBytes), 1)
  return sha256(nodeInput)
}

/** RFC 6962 §2.1: the hash of an empty tree is that of an empty string. */
export const emptyRoot = (): Hash => sha256(new Uint8Array(0))

export const isHash = (value: Uint8Array): boolean => value.length === hashBytes

export function sameHash(a: Hash, b: Hash): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
