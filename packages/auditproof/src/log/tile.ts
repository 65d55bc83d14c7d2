/**
 * Tiles of C2SP tlog-tiles: the hashes of a tree in files of at most 256.
 *
 * The tile (level, index) holds the hashes over 256^level leaves each, from the one numbered index * 256. Level 0 holds
 * leaf hashes; a hash of a higher level is the root of a full tile below. A tile is partial, narrower than 256, only
 * at the right edge of the tree. Paths:
 *
 *     tile/<level>/<index>[.p/<width>]      tile/entries/<index>[.p/<width>]
 *
 * where the index is written in groups of three digits, all but the last after an x: 1234067 is x001/x234/067.
 */
import { AuditError, assert } from '../errors.ts'
import { isCount } from './decimal.ts'
import { type Hash, hashBytes, nodeHash, nodeHashAt } from './hash.ts'
import type { Node } from './subtree.ts'

export interface Tile {
  /** Counted in tiles: eight levels of the tree are one level of tiles. */
  readonly level: number
  readonly index: number
  /** Hashes in the tile, 1 to 256. */
  readonly width: number
}

/** What a path names: a tile of hashes, or the bundle of the entries under a tile of level 0. */
export interface TileName extends Omit<Tile, 'level'> {
  readonly level: number | 'entries'
}

export const tileWidthMax = 256
export const tileLevelMax = 63
const tileHeight = 8 // 2^8 = 256

export function tilePath({ level, index, width }: TileName): string {
  assert(isCount(index) && width >= 1 && width <= tileWidthMax, `a tile ${index} of width ${width}`)
  let path = String(index % 1_000).padStart(3, '0')
  for (let rest = Math.floor(index / 1_000); rest > 0; rest = Math.floor(rest / 1_000))
    path = `x${String(rest % 1_000).padStart(3, '0')}/${path}`
  return `tile/${level}/${path}${width === tileWidthMax ? '' : `.p/${width}`}`
}

export function parseTilePath(path: string): TileName {
  const parts = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path)
  if (parts !== null) {
    const level = parts[1] === 'entries' ? 'entries' : Number(parts[1])
    const index = Number(parts[2]!.replaceAll(/[x/]/g, ''))
    const width = parts[3] === undefined ? tileWidthMax : Number(parts[3])
    const exists = level === 'entries' || level <= tileLevelMax
    // Re-encode: a file has one path only, so "x000/001", "00" and ".p/256" name nothing.
    if (exists && isCount(index) && width >= 1 && width <= tileWidthMax && tilePath({ level, index, width }) === path)
      return { level, index, width }
  }
  throw new AuditError('tile_malformed', `${JSON.stringify(path.slice(0, 100))} is not a tile path`)
}

/** How many hashes this tile has in a tree of `size` leaves: 0 if there is no such tile. */
export const tileWidth = (level: number, index: number, size: number): number =>
  Math.min(tileWidthMax, Math.max(0, Math.floor(size / tileWidthMax ** level) - index * tileWidthMax))

/** All tiles of a tree of `size` leaves, level by level; with `from`, only those that the tree of that size had not. */
export function* tilesOfSize(size: number, from = 0): Generator<Tile, void, undefined> {
  assert(isCount(size) && isCount(from), `tiles from size ${from} to ${size}`)
  for (let level = 0; tileWidth(level, 0, size) > 0; level++) {
    // The last tile of the older tree is the first that can have grown.
    for (let index = Math.floor(from / tileWidthMax ** (level + 1)); ; index++) {
      const width = tileWidth(level, index, size)
      if (width === 0) break
      if (width > tileWidth(level, index, from)) yield { level, index, width }
    }
  }
}

/** The tile from which the hash of a complete subtree of a tree of `size` leaves can be had. */
export function tileOfNode(node: Node, size: number): Tile {
  const { level, first } = placeOfNode(node)
  const index = Math.floor(first / tileWidthMax)
  const width = tileWidth(level, index, size)
  assert((node.index + 1) * 2 ** node.level <= size, `node ${node.level}/${node.index} in a tree of size ${size}`)
  return { level, index, width }
}

/** The tiles from which all these hashes can be had, each once. */
export function tilesOfNodes(nodes: readonly Node[], size: number): Tile[] {
  const tiles = new Map<string, Tile>()
  for (const node of nodes) {
    const tile = tileOfNode(node, size)
    tiles.set(`${tile.level}/${tile.index}`, tile)
  }
  return [...tiles.values()]
}

/** The hash of a complete subtree from the bytes of `tileOfNode`, or of a wider version of that tile. */
export function hashFromTile(node: Node, tile: Uint8Array): Hash {
  const { first, count } = placeOfNode(node)
  const offset = first % tileWidthMax
  if (tile.length % hashBytes !== 0 || tile.length < (offset + count) * hashBytes)
    throw new AuditError(
      'tile_malformed',
      `a tile of ${tile.length} bytes has no hashes ${offset} to ${offset + count - 1}`,
    )
  return hashOfPart(tile, offset, count)
}

/** The root of a full tile: its hash in the tile above. */
export function tileRoot(tile: Uint8Array): Hash {
  if (tile.length !== tileWidthMax * hashBytes)
    throw new AuditError('tile_malformed', `a full tile has ${tileWidthMax * hashBytes} bytes, not ${tile.length}`)
  return hashOfPart(tile, 0, tileWidthMax)
}

/** Where a node lies: the level of its tile, and which hashes of that level, counted across tiles, it covers. */
function placeOfNode(node: Node): { level: number; first: number; count: number } {
  const count = 2 ** (node.level % tileHeight)
  return { level: Math.floor(node.level / tileHeight), first: node.index * count, count }
}

function hashOfPart(tile: Uint8Array, offset: number, count: number): Hash {
  if (count === 1) return tile.slice(offset * hashBytes, (offset + 1) * hashBytes)
  if (count === 2) return nodeHashAt(tile, offset * hashBytes)
  return nodeHash(hashOfPart(tile, offset, count / 2), hashOfPart(tile, offset + count / 2, count / 2))
}
