import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { writeTiles } from '../../src/evidence/index.ts'
import {
  decodeEntryBundle, leafHash, noteVerifier, openCheckpoint, parseTilePath, parseVkey, rootFromLeaves, sameHash, tilePath, tilesOfSize,
} from '../../src/log/index.ts' // prettier-ignore
import { Bench } from './helpers.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'auditproof-tiles-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
})

const read = (path: string): Buffer => readFileSync(join(directory, path))
const files = (): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(directory, path)).isFile(),
  )

describe('a directory of tiles', () => {
  it.each([1, 255, 256, 257, 700])(
    'of a log of %i gives its entries, its hashes and its signed root',
    async (count) => {
      const bench = new Bench()
      await bench.append(count)
      await bench.publish()
      const written = await writeTiles(bench.store, 'acme', directory, { vkey: bench.key })
      expect(written).toMatchObject({ size: count, files: files().length })
      const vkey = parseVkey(read('vkey').toString().trim())
      const { checkpoint } = await openCheckpoint(read('checkpoint'), [noteVerifier(vkey)])
      expect(checkpoint).toMatchObject({ origin: written.origin, size: count })

      const leafHashes = [...tilesOfSize(count)]
        .filter(({ level }) => level === 0)
        .flatMap((tile) => {
          const hashes = decodeEntryBundle(read(tilePath({ ...tile, level: 'entries' })), tile.width).map(leafHash)
          expect(read(tilePath(tile)).equals(Buffer.concat(hashes))).toBe(true)
          return hashes
        })
      expect(sameHash(rootFromLeaves(leafHashes), checkpoint.root)).toBe(true)
      const tiles = files().filter((path) => path.startsWith('tile/'))
      for (const path of tiles) expect(tilePath(parseTilePath(path))).toBe(path)
      expect(tiles.length).toBe([...tilesOfSize(count)].reduce((n, { level }) => n + (level === 0 ? 2 : 1), 0))
    },
  )

  it('written again holds what is new, and nothing is written twice', async () => {
    const bench = new Bench()
    await bench.append(300)
    await bench.publish()
    await writeTiles(bench.store, 'acme', directory)
    expect(await writeTiles(bench.store, 'acme', directory)).toMatchObject({ size: 300, files: 1 })
    await bench.append(300)
    await bench.publish()
    const seen: number[] = []
    // Tile 1, its bundle, those of tile 2 as far as it goes, the wider tile above, the checkpoint.
    expect(await writeTiles(bench.store, 'acme', directory, { onProgress: (n) => void seen.push(n) })).toMatchObject({
      size: 600,
      files: 6,
    })
    expect(seen).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('that holds another log is left alone', async () => {
    const bench = new Bench()
    await bench.append(3)
    await bench.append(3, 'lind')
    await bench.publish()
    await writeTiles(bench.store, 'acme', directory)
    const before = read('checkpoint')
    await expect(writeTiles(bench.store, 'lind', directory)).rejects.toMatchObject({ code: 'usage' })
    expect(read('checkpoint').equals(before)).toBe(true)
  })

  it('that holds more than the store shows that the store was taken back', async () => {
    const bench = new Bench()
    await bench.append(3)
    await bench.publish()
    const { origin, log } = (await bench.store.headOf('acme'))!
    const larger = await bench.signer.publicationOf({ log, origin, size: 9, root: new Uint8Array(32) } as never)
    writeFileSync(join(directory, 'checkpoint'), larger.note)
    await expect(writeTiles(bench.store, 'acme', directory)).rejects.toMatchObject({ code: 'store_rolled_back' })
  })

  it('whose tiles are not those of the store is left alone', async () => {
    const bench = new Bench()
    await bench.append(256)
    await bench.publish()
    await writeTiles(bench.store, 'acme', directory)
    const bundle = read('tile/entries/000')
    bundle[100]! ^= 1
    writeFileSync(join(directory, 'tile/entries/000'), bundle)
    await expect(writeTiles(bench.store, 'acme', directory)).rejects.toMatchObject({ code: 'store_corrupt' })
  })

  it('is not made of a log without a checkpoint, or without a tenant', async () => {
    const bench = new Bench()
    await bench.append(3)
    await expect(writeTiles(bench.store, 'acme', directory)).rejects.toMatchObject({ code: 'not_found' })
    await expect(writeTiles(bench.store, 'nobody', directory)).rejects.toMatchObject({ code: 'not_found' })
    expect(files()).toEqual([])
  })
})
