import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { AuditError } from '../errors.ts'
import { decodeEntryBundle, encodeEntryBundle, entryBytesMax } from './entry-bundle.ts'
import { type Hash, leafHash, sameHash } from './hash.ts'
import { checkConsistency, checkInclusion, consistencyPlan, inclusionPlan, proofFromNodes } from './proof.ts'
import { type Node, hashOfNodes, nodesOfRoot } from './subtree.ts'
import {
  type Tile,
  hashFromTile,
  parseTilePath,
  tileOfNode,
  tilePath,
  tileRoot,
  tileWidth,
  tilesOfNodes,
  tilesOfSize,
} from './tile.ts'
import { appendAllToEdge, emptyEdge, rootOf } from './tree.ts'

const refused = (act: () => unknown) => {
  expect(act).toThrow(AuditError)
  expect(act).toThrow(expect.objectContaining({ code: 'tile_malformed' }))
}

const sizeMax = 70_000
/** All hashes by level of tiles, as a store would have them. */
const levels: Hash[][] = [[], [], []]
const roots = new Map<number, Hash>([[0, rootOf(emptyEdge)]])
const sizes = [1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_793, sizeMax]

beforeAll(() => {
  let edge = emptyEdge
  for (const size of sizes) {
    const leaves = Array.from({ length: size - edge.size }, (_, i) =>
      leafHash(Uint8Array.of(i & 0xff, (i >> 8) & 0xff)),
    )
    levels[0]!.push(...leaves)
    edge = appendAllToEdge(edge, leaves, (level, index, hash) => {
      if (level % 8 === 0) levels[level / 8]![index] = hash
    })
    roots.set(size, rootOf(edge))
  }
})

function bytesOf({ level, index, width }: Tile): Uint8Array {
  const bytes = new Uint8Array(width * 32)
  for (let i = 0; i < width; i++) bytes.set(levels[level]![index * 256 + i]!, i * 32)
  return bytes
}

/** What a reader of tiles does: the tiles it needs, then the hashes from them. */
function readFromTiles(nodes: readonly Node[], size: number): Hash[] {
  const read = new Map(tilesOfNodes(nodes, size).map((tile) => [tilePath(tile), bytesOf(tile)]))
  return nodes.map((node) => hashFromTile(node, read.get(tilePath(tileOfNode(node, size)))!))
}

test('a tree of 70,000 leaves has the tiles of the specification', () => {
  const shown = [...tilesOfSize(sizeMax)].map(({ level, width }) => `level ${level} width ${width}`)
  expect(shown).toHaveLength(273 + 1 + 1 + 1 + 1)
  expect(shown.filter((tile) => tile === 'level 0 width 256')).toHaveLength(273)
  expect(shown.slice(273)).toEqual(['level 0 width 112', 'level 1 width 256', 'level 1 width 17', 'level 2 width 1'])
})

test('a tree of 256 leaves is a full tile and the first hash of the next level', () => {
  expect([...tilesOfSize(256)].map(tilePath)).toEqual(['tile/0/000', 'tile/1/000.p/1'])
})

test('a grown tree has new tiles only where it grew', () => {
  expect([...tilesOfSize(513, 300)].map(tilePath)).toEqual(['tile/0/001', 'tile/0/002.p/1', 'tile/1/000.p/2'])
  expect([...tilesOfSize(300, 300)]).toEqual([])
  fc.assert(
    fc.property(fc.nat({ max: 200_000 }), fc.nat({ max: 200_000 }), (a, b) => {
      const [from, to] = a < b ? [a, b] : [b, a]
      const before = new Set([...tilesOfSize(from)].map(tilePath))
      const grown = [...tilesOfSize(to)].map(tilePath).filter((path) => !before.has(path))
      expect([...tilesOfSize(to, from)].map(tilePath)).toEqual(grown)
    }),
    { numRuns: 30 },
  )
})

test('roots and proofs come out of tiles', () => {
  const size = fc.constantFrom(...sizes)
  fc.assert(
    fc.property(size, size, fc.nat(), (a, b, n) => {
      const [from, to] = a < b ? [a, b] : [b, a]
      expect(sameHash(hashOfNodes(readFromTiles(nodesOfRoot(to), to)), roots.get(to)!)).toBe(true)
      const index = n % to
      const inclusion = inclusionPlan(index, to)
      const proof = proofFromNodes(inclusion, readFromTiles(inclusion.flat(), to))
      checkInclusion({ leafHash: levels[0]![index]!, index, size: to, root: roots.get(to)!, proof })
      const consistency = consistencyPlan(from, to)
      const older = proofFromNodes(consistency, readFromTiles(consistency.flat(), to))
      checkConsistency({ from, fromRoot: roots.get(from)!, to, toRoot: roots.get(to)!, proof: older })
    }),
    { numRuns: 300 },
  )
})

test('a proof in a large tree needs a tile a level', () => {
  expect(tilesOfNodes(inclusionPlan(12_345, sizeMax).flat(), sizeMax).length).toBeLessThanOrEqual(5)
})

test('the root of a full tile is its hash in the tile above', () => {
  expect(sameHash(tileRoot(bytesOf({ level: 0, index: 7, width: 256 })), levels[1]![7]!)).toBe(true)
  refused(() => tileRoot(new Uint8Array(255 * 32)))
})

test('a wider tile serves for a narrower one, and a narrower one is refused', () => {
  const node = { level: 1, index: 2 }
  const wide = bytesOf({ level: 0, index: 0, width: 256 })
  expect(sameHash(hashFromTile(node, wide), hashFromTile(node, wide.subarray(0, 6 * 32)))).toBe(true)
  refused(() => hashFromTile(node, wide.subarray(0, 5 * 32)))
  refused(() => hashFromTile(node, wide.subarray(0, 6 * 32 + 1)))
})

test('a tile path is read as it is written', () => {
  expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067')
  expect(tilePath({ level: 'entries', index: 999, width: 7 })).toBe('tile/entries/999.p/7')
  const name = fc.record({
    level: fc.oneof(fc.nat({ max: 63 }), fc.constant('entries' as const)),
    index: fc.oneof(fc.nat(), fc.maxSafeNat()),
    width: fc.integer({ min: 1, max: 256 }),
  })
  fc.assert(
    fc.property(name, (tile) => {
      expect(parseTilePath(tilePath(tile))).toEqual(tile)
    }),
  )
})

test('refuses a tile path that climbs, repeats or means another file', () => {
  for (const path of [
    '',
    'tile/0/../../etc/passwd',
    'tile/../0/000',
    '../tile/0/000',
    '/tile/0/000',
    'tile//000',
    'tile/0/000/',
    'tile/0/000\n',
    'tile/0/%30%30%30',
    'tile/0/0\u0660\u0660',
    'tile\\0\\000',
    'tile/00/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/data/000',
    'tile/0/0',
    'tile/0/0000',
    'tile/0/x000/001',
    'tile/0/x001',
    'tile/0/001/002',
    'tile/0/X001/002',
    'tile/0/000.p/0',
    'tile/0/000.p/01',
    'tile/0/000.p/256',
    'tile/0/000.p/1/../2',
    'tile/0/x999/x999/x999/x999/x999/999',
    'tile/entries/000.p/',
    'tile/entries/x001/x234/067.p/255/',
  ])
    refused(() => parseTilePath(path))
})

test('a tile that a tree has not is of width 0', () => {
  expect(tileWidth(0, 1, 256)).toBe(0)
  expect(tileWidth(1, 0, 255)).toBe(0)
  expect(tileWidth(7, 0, Number.MAX_SAFE_INTEGER)).toBe(0)
})

test('an entry bundle is read as it is written', () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 })
  fc.assert(
    fc.property(entries, (list) => {
      expect(decodeEntryBundle(encodeEntryBundle(list), list.length)).toEqual(list)
    }),
    { numRuns: 50 },
  )
  const largest = new Uint8Array(entryBytesMax).fill(1)
  expect(encodeEntryBundle([largest]).subarray(0, 2)).toEqual(Uint8Array.of(0xff, 0xff))
  expect(decodeEntryBundle(encodeEntryBundle([largest]), 1)).toEqual([largest])
})

test('refuses a bundle that is cut off, of another width, or has an entry too large', () => {
  const bundle = encodeEntryBundle([Uint8Array.of(1, 2, 3), Uint8Array.of(4)])
  for (let length = 0; length < bundle.length; length++) refused(() => decodeEntryBundle(bundle.subarray(0, length), 2))
  refused(() => decodeEntryBundle(bundle, 1))
  refused(() => decodeEntryBundle(bundle, 3))
  refused(() => decodeEntryBundle(Uint8Array.of(...bundle, 0), 2))
  expect(() => encodeEntryBundle([new Uint8Array(entryBytesMax + 1)])).toThrow(AuditError)
})
