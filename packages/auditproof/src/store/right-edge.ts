/**
 * The right edge of a log in memory: the compact edge that gives the root, and the tiles that are not full yet.
 * Appending a leaf costs one node hash on average; a tile comes out in the moment it is full.
 */
import { assert } from '../errors.ts'
import { appendAllToEdge, edgeOf, emptyEdge, hashFromTile, nodesOfRoot, rootOf, tileWidthMax } from '../log/index.ts'
import type { Edge, Hash } from '../log/index.ts'

export interface FullTile {
  level: number
  n: number
  /** 256 hashes of 32 bytes. */
  hashes: Uint8Array
  /** The root of the tile: a hash of the tile above. */
  root: Hash
}

export interface RightEdge {
  readonly edge: Edge
  /** By level, the hashes of the tile that is not full yet. */
  readonly partial: readonly (readonly Hash[])[]
}

export const emptyRightEdge: RightEdge = { edge: emptyEdge, partial: [] }

export const rightEdgeRoot = ({ edge }: RightEdge): Hash => rootOf(edge)

/** The edge given stays as it was, so that a batch that fails has changed nothing. */
export function extendRightEdge(
  { edge, partial }: RightEdge,
  leafHashes: readonly Hash[],
): { rightEdge: RightEdge; tiles: FullTile[] } {
  const levels = partial.map((hashes) => hashes.slice())
  const tiles: FullTile[] = []
  function* fillLevelZero(): Generator<Hash> {
    for (const leafHash of leafHashes) {
      ;(levels[0] ??= []).push(leafHash)
      yield leafHash
    }
  }
  // A node of every eighth level is the root of a tile, seen in the moment its last leaf goes in.
  const extended = appendAllToEdge(edge, fillLevelZero(), (nodeLevel, n, root) => {
    if (nodeLevel % 8 !== 0) return
    const level = nodeLevel / 8 - 1
    const hashes = levels[level]
    assert(hashes?.length === tileWidthMax, `tile ${level}/${n} closes with ${hashes?.length} hashes`)
    tiles.push({ level, n, hashes: joinHashes(hashes), root })
    levels[level] = []
    ;(levels[level + 1] ??= []).push(root)
  })
  return { rightEdge: { edge: extended, partial: levels }, tiles }
}

/** From stored hashes: for each level those of its partial tile, `partialWidth(size, level)` of them. */
export function rightEdgeFrom(size: number, partial: readonly (readonly Hash[])[]): RightEdge {
  const tiles = partial.map(joinHashes)
  const hashes = nodesOfRoot(size).map((node) => hashFromTile(node, tiles[Math.floor(node.level / 8)]!))
  return { edge: edgeOf(size, hashes), partial }
}

/** How many hashes the partial tile of a level has in a tree of this size. */
export const partialWidth = (size: number, level: number): number =>
  Math.floor(size / tileWidthMax ** level) % tileWidthMax

/** How many levels of tiles a tree of this size has. */
export function tileLevels(size: number): number {
  let levels = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / tileWidthMax)) levels++
  return levels
}

export function joinHashes(hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * 32)
  hashes.forEach((hash, i) => bytes.set(hash, i * 32))
  return bytes
}
