import { encodeHex, tilesOfSize } from '../../log/index.ts'
import type { LogHead, Store } from '../../store/store.ts'
import type { Claims } from '../harness.ts'
import { appendAll, headOf, treeHash, wholeLog } from './whole-log.ts'

export function tileClaims(claims: Claims): void {
  const { claim, expect } = claims

  const hexOf = (hashes: readonly Uint8Array[]): string => hashes.map((hash) => encodeHex(hash)).join('')

  claim('are handed out full and partial, around the end of the first', async ({ store, events }) => {
    for (const size of [1, 255, 256, 257, 300, 511, 512, 513]) {
      const have = (await store.headOf('acme'))?.size ?? 0
      await appendAll(
        store,
        Array.from({ length: size - have }, () => events.makeSmall()),
      )
      const { log } = await headOf(store, 'acme')
      const leaves = (await wholeLog(store, 'acme')).map(({ leafHash }) => leafHash)
      for (const { level, index, width } of tilesOfSize(size)) {
        const hashes =
          level === 0
            ? leaves.slice(index * 256, index * 256 + width)
            : Array.from({ length: width }, (_, i) => treeHash(leaves.slice(i * 256, (i + 1) * 256)))
        for (const narrower of new Set([1, width >> 1 || 1, width]))
          expect(encodeHex(await store.tile(log, level, index, narrower))).toBe(hexOf(hashes.slice(0, narrower)))
      }
    }
  })

  claim('are not found beyond the log', async ({ store, events }) => {
    await appendAll(
      store,
      Array.from({ length: 300 }, () => events.makeSmall()),
    )
    const { log } = await headOf(store, 'acme')
    for (const [level, n, width] of [
      [0, 1, 45],
      [0, 1, 256],
      [0, 2, 1],
      [1, 0, 2],
      [1, 1, 1],
      [2, 0, 1],
    ] as const)
      await expect(store.tile(log, level, n, width)).rejects.toMatchObject({ code: 'not_found' })
    await expect(store.tile(99, 0, 0, 1)).rejects.toMatchObject({ code: 'not_found' })
  })

  claim('are stored when they are full, in order of level and n', async ({ store, events, reopen }) => {
    await appendAll(
      store,
      Array.from({ length: 800 }, () => events.makeSmall()),
    )
    const { log } = await headOf(store, 'acme')
    const again = await reopen()
    const tiles = await again.storedTiles(log, undefined, 100)
    expect(tiles.map(({ level, n }) => [level, n])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
    ])
    const leaves = (await wholeLog(again, 'acme')).map(({ leafHash }) => leafHash)
    for (const { n, hashes, root } of tiles) {
      const own = leaves.slice(n * 256, (n + 1) * 256)
      expect(encodeHex(hashes)).toBe(hexOf(own))
      expect(encodeHex(root)).toBe(encodeHex(treeHash(own)))
    }
    const after = { level: 0, n: 0 }
    expect((await again.storedTiles(log, after, 1)).map(({ n }) => n)).toEqual([1])
    expect(await again.storedTiles(log, { level: 0, n: 2 }, 10)).toEqual([])
  })

  claim('reach the third level at 65,536 entries', async ({ store, events, reopen }) => {
    const size = 65_537
    await appendAll(
      store,
      Array.from({ length: size }, () => events.makeSmall()),
    )
    const before = await headOf(store, 'acme')
    const leaves: Uint8Array[] = []
    for (let n = 0; n * 256 < size; n++) {
      const tile = await store.tile(before.log, 0, n, Math.min(256, size - n * 256))
      for (let at = 0; at < tile.length; at += 32) leaves.push(tile.subarray(at, at + 32))
    }
    expect(leaves.length).toBe(size)
    const [whole, last] = [treeHash(leaves.slice(0, 65_536)), leaves[65_536]!]
    expect(encodeHex(await store.tile(before.log, 2, 0, 1))).toBe(encodeHex(whole))
    expect(encodeHex(before.root)).toBe(encodeHex(treeHash([whole, last])))
    expect(await lastTile(store, before)).toEqual([1, 0])
    // What was opened anew knows only what is stored.
    const again = await reopen()
    await appendAll(again, [events.makeSmall()])
    const after = await headOf(again, 'acme')
    const added = (await again.entries(after.log, size, size + 1))[0]!.leafHash
    expect(encodeHex(after.root)).toBe(encodeHex(treeHash([whole, treeHash([last, added])])))
  })

  async function lastTile(store: Store, { log }: LogHead): Promise<[number, number] | undefined> {
    const [last, ...more] = await store.storedTiles(log, { level: 0, n: 255 }, 10)
    expect(more).toEqual([])
    return last && [last.level, last.n]
  }
}
