/**
 * RFC 6962 §2.1 word for word: recursive, slow, sharing nothing with src/log but the specification. A proof element
 * also says on which side it goes, because proofs of the same sides can be told apart by their hashes alone.
 */
import { createHash } from 'node:crypto'

export interface Element {
  readonly side: 'left' | 'right' | 'start'
  readonly hash: Uint8Array
}

export const leafOf = (entry: Uint8Array): Uint8Array => sha256(Uint8Array.of(0), entry)

/** MTH, over leaf hashes. */
export function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256()
  if (leaves.length === 1) return leaves[0]!
  const k = split(leaves.length)
  return sha256(Uint8Array.of(1), treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)))
}

/** PATH. */
export function inclusion(m: number, leaves: readonly Uint8Array[]): Element[] {
  if (leaves.length === 1) return []
  const k = split(leaves.length)
  return m < k
    ? [...inclusion(m, leaves.slice(0, k)), { side: 'right', hash: treeHash(leaves.slice(k)) }]
    : [...inclusion(m - k, leaves.slice(k)), { side: 'left', hash: treeHash(leaves.slice(0, k)) }]
}

/** PROOF. */
export const consistency = (m: number, leaves: readonly Uint8Array[]): Element[] => subproof(m, leaves, true)

function subproof(m: number, leaves: readonly Uint8Array[], known: boolean): Element[] {
  if (m === leaves.length) return known ? [] : [{ side: 'start', hash: treeHash(leaves) }]
  const k = split(leaves.length)
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), known), { side: 'right', hash: treeHash(leaves.slice(k)) }]
    : [...subproof(m - k, leaves.slice(k), false), { side: 'left', hash: treeHash(leaves.slice(0, k)) }]
}

/** Entry i of the trees in these tests is its number as text. */
export const leavesUpTo = (size: number): Uint8Array[] =>
  Array.from({ length: size }, (_, i) => leafOf(new TextEncoder().encode(String(i))))

const split = (n: number): number => 2 ** Math.ceil(Math.log2(n) - 1)

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}
