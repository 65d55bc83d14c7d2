/**
 * A growing tree of RFC 6962, kept as its right edge.
 *
 * The edge of a tree of `size` leaves is the hashes of the complete subtrees its root is folded from: one for each bit
 * set in `size`, largest first. It is all that appending needs, and all that has to be remembered.
 */
import { assert } from '../errors.ts'
import { isCount } from './decimal.ts'
import { type Hash, hashBytes, nodeHash } from './hash.ts'
import { hashOfNodes, nodesOfRoot } from './subtree.ts'

export interface Edge {
  readonly size: number
  /** In the order of `nodesOfRoot(size)`. */
  readonly hashes: readonly Hash[]
}

/** Told of each complete subtree above the leaves in the moment it is finished: what tiles are made of. */
export type NodeObserver = (level: number, index: number, hash: Hash) => void

export const emptyEdge: Edge = { size: 0, hashes: [] }

/** An edge from stored hashes, which come in the order of `nodesOfRoot(size)`. */
export function edgeOf(size: number, hashes: readonly Hash[]): Edge {
  assert(
    isCount(size) && hashes.length === nodesOfRoot(size).length,
    `an edge of size ${size} from ${hashes.length} hashes`,
  )
  return { size, hashes }
}

export const appendToEdge = (edge: Edge, leafHash: Hash, observe?: NodeObserver): Edge =>
  appendAllToEdge(edge, [leafHash], observe)

/** Appends in order. The old edge stays as it was, so a batch that fails has changed nothing. */
export function appendAllToEdge(edge: Edge, leafHashes: Iterable<Hash>, observe?: NodeObserver): Edge {
  const hashes = edge.hashes.slice()
  let size = edge.size
  for (const leafHash of leafHashes) {
    assert(leafHash.length === hashBytes, `a leaf hash of ${leafHash.length} bytes`)
    let hash = leafHash
    let level = 0
    // Each bit set at the end of the old size is a left sibling that waits for us.
    for (let index = size; index % 2 === 1;) {
      hash = nodeHash(hashes.pop()!, hash)
      index = (index - 1) / 2
      level++
      observe?.(level, index, hash)
    }
    hashes.push(hash)
    size++
  }
  assert(Number.isSafeInteger(size), `a tree of ${size} leaves`)
  return { size, hashes }
}

export const rootOf = (edge: Edge): Hash => hashOfNodes(edge.hashes)

/** The root over leaf hashes in memory. */
export const rootFromLeaves = (leafHashes: Iterable<Hash>): Hash => rootOf(appendAllToEdge(emptyEdge, leafHashes))
