/**
 * Which ranges of leaves the tree of RFC 6962 is made of.
 *
 * A node (level, index) is the hash over the 2^level leaves from index * 2^level: a complete subtree, which never
 * changes again. Every other hash of a tree, its root included, is folded from a few of them.
 *
 * A range [start, end) is a *subtree* if start is a multiple of the smallest power of two that is at least its length
 * (draft-ietf-plants-merkle-tree-certs, "Subtrees"). These are the ranges proofs are made of: elements of proofs,
 * older trees, and the ranges that a tree can be proved to contain.
 *
 * Numbers reach 2^53-1, so there are no 32-bit operators here.
 */
import { assert } from '../errors.ts'
import { type Hash, emptyRoot, nodeHash } from './hash.ts'

/** A complete subtree: the leaves [index * 2^level, (index + 1) * 2^level). */
export interface Node {
  readonly level: number
  readonly index: number
}

/** The leaves from `start` up to and without `end`. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** The largest power of two below n, for n > 1: where RFC 6962 splits a tree of n leaves. */
export function splitPoint(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

export function isSubtree({ start, end }: Range): boolean {
  if (start < 0 || start > end) return false
  let ceiling = 1
  while (ceiling < end - start) ceiling *= 2
  return start % ceiling === 0
}

/** The complete subtrees that make up the leaves [start, end), left to right; few, at most 2 * 53. */
export function nodesOfRange({ start, end }: Range): Node[] {
  const nodes: Node[] = []
  for (let at = start; at < end;) {
    let level = 0
    let width = 1
    while (at % (width * 2) === 0 && at + width * 2 <= end) {
      level++
      width *= 2
    }
    nodes.push({ level, index: at / width })
    at += width
  }
  return nodes
}

/** The complete subtrees from which the root of a tree of this size is folded. */
export const nodesOfRoot = (size: number): Node[] => nodesOfRange({ start: 0, end: size })

/** The hash of a subtree from the hashes of its complete subtrees, left to right. */
export function hashOfNodes(hashes: readonly Hash[]): Hash {
  let hash = hashes.at(-1)
  if (hash === undefined) return emptyRoot()
  for (let i = hashes.length - 2; i >= 0; i--) hash = nodeHash(hashes[i]!, hash)
  return hash
}

/** RFC 6962 §2.1.1, PATH within a subtree: the ranges whose hashes prove leaf `index`, from the leaf to the root. */
export function inclusionRanges(index: number, subtree: Range): Range[] {
  assert(isSubtree(subtree) && subtree.start <= index && index < subtree.end, 'a leaf outside its subtree')
  const ranges: Range[] = []
  let { start, end } = subtree
  while (end - start > 1) {
    const middle = start + splitPoint(end - start)
    if (index < middle) {
      ranges.push({ start: middle, end })
      end = middle
    } else {
      ranges.push({ start, end: middle })
      start = middle
    }
  }
  return ranges.reverse()
}

/**
 * RFC 6962 §2.1.2, PROOF, for any subtree of a tree of `size` leaves: the ranges whose hashes prove that the subtree
 * is part of the tree. For [0, n) this is the consistency proof from size n.
 */
export function consistencyRanges(subtree: Range, size: number): Range[] {
  assert(isSubtree(subtree) && subtree.end <= size, 'a subtree outside its tree')
  if (subtree.start === subtree.end) return []
  const ranges: Range[] = []
  let { start: from } = subtree // what is left of the subtree
  let start = 0 // the part of the tree that holds it
  let end = size
  let known = true // The verifier has the subtree's hash, as long as nothing was split off from it.
  while (from !== start || subtree.end !== end) {
    const middle = start + splitPoint(end - start)
    if (subtree.end <= middle) {
      ranges.push({ start: middle, end })
      end = middle
    } else {
      ranges.push({ start, end: middle })
      if (from < middle) {
        known = false
        from = middle
      }
      start = middle
    }
  }
  if (!known) ranges.push({ start, end })
  return ranges.reverse()
}

/**
 * One or two neighbouring subtrees that cover [start, end) and end where it ends; the second may be empty. Together
 * they hold fewer than three times the leaves asked for.
 */
export function coveringSubtrees({ start, end }: Range): [Range, Range] {
  if (end - start <= 1)
    return [
      { start, end },
      { start: end, end },
    ]
  // The widest aligned split between the first and the last leaf.
  let width = 1
  while (Math.floor(start / (width * 2)) !== Math.floor((end - 1) / (width * 2))) width *= 2
  const middle = Math.floor((end - 1) / width) * width
  let left = 1
  while (left < middle - start) left *= 2
  return [
    { start: middle - left, end: middle },
    { start: middle, end },
  ]
}
