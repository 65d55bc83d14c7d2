import type { Store } from '../../store/store.ts'
import type { Claims } from '../harness.ts'
import { TestSigner } from '../signing.ts'
import { newestFirst } from './list.ts'
import { appendAll, expectSays, expectSoundLog, headOf, plain, texts } from './whole-log.ts'

export function closeClaims(claims: Claims): void {
  const { claim, expect } = claims

  /** All that can be read of a store. */
  async function everything(store: Store): Promise<unknown> {
    const heads = await store.heads()
    const logs = await Promise.all(
      heads.map(async ({ log }) => ({
        entries: await store.entries(log, 0, 1000),
        tiles: await store.storedTiles(log, undefined, 1000),
        checkpoints: await store.checkpoints(log, 0, 1000),
        erasures: await store.erasures(log, -1, 1000),
      })),
    )
    return {
      name: store.name,
      heads,
      logs,
      feed: await store.feed(0, 1000),
      list: await store.list({ ...newestFirst, limit: 1000 }),
    }
  }

  claim('keeps everything for the next open, which goes on where it was', async ({ store, events, reopen }) => {
    const signer = new TestSigner()
    const submitted = [...events.makeMany(300), ...events.makeMany(3, { tenant: 'b' })]
    await appendAll(store, submitted)
    await signer.publishAll(store, true)
    await store.appendMeta(10)
    const submission = JSON.stringify(events.make({ action: 'audit.erase' }))
    await store.eraseContent({ tenant: 'acme', items: [{ index: 5, groups: ['actor'] }], submission })
    const before = plain(await everything(store))
    const again = await reopen()
    expect(plain(await everything(again))).toEqual(before)
    const next = events.make()
    expect(await appendAll(again, [next, submitted[0]!])).toMatchObject([
      { index: 301, duplicate: false },
      { index: 0, duplicate: true },
    ])
    const entries = await expectSoundLog(claims, again, 'acme')
    expectSays(claims, entries[301], next)
    await signer.publishAll(again)
    expect(await again.unpublished(0, 10)).toEqual([])
  })

  claim('waits for what is under way', async ({ store, events, reopen }) => {
    const appends = Array.from({ length: 10 }, () => store.append(texts(events.makeMany(10))))
    await store.close()
    const outcomes = await Promise.all(appends)
    expect(outcomes.flat().every(({ state }) => state === 'stored')).toBe(true)
    expect((await headOf(await reopen(), 'acme')).size).toBe(100)
  })

  claim('is fine a second time, and twice at once', async ({ store }) => {
    await Promise.all([store.close(), store.close()])
    await store.close()
  })

  claim('makes every method reject with "closed"', async ({ store, events }) => {
    await appendAll(store, [events.make()])
    const { log } = await headOf(store, 'acme')
    await store.close()
    const submission = JSON.stringify(events.make())
    const calls: { [method in Exclude<keyof Store, 'name' | 'isShared' | 'watch' | 'close'>]: () => Promise<unknown> } =
      {
        append: () => store.append([submission]),
        drainPending: () => store.drainPending(1),
        eraseContent: () =>
          store.eraseContent({ tenant: 'acme', items: [{ index: 0, groups: ['actor'] }], submission }),
        unpublished: () => store.unpublished(0, 1),
        publish: () => store.publish([]),
        keepCheckpoint: () => store.keepCheckpoint(log),
        appendMeta: () => store.appendMeta(1),
        heads: () => store.heads(),
        headOf: () => store.headOf('acme'),
        entries: () => store.entries(log, 0, 1),
        find: () => store.find('event-0'),
        list: () => store.list({ ...newestFirst, limit: 1 }),
        survey: () => store.survey({ conditions: [], countMax: 1, facets: [], facetKeysMax: 1 }),
        buildIndex: () => store.buildIndex(),
        indexNodes: () => store.indexNodes(log, 0, -1, 1),
        postings: () => store.postings(log, 0, 0, '', 1),
        leafTimes: () => store.leafTimes(log, 0),
        indexPlaces: () => store.indexPlaces(undefined, 1),
        tile: () => store.tile(log, 0, 0, 1),
        storedTiles: () => store.storedTiles(log, undefined, 1),
        checkpoints: () => store.checkpoints(log, 0, 1),
        erasures: () => store.erasures(log, -1, 1),
        feed: () => store.feed(0, 1),
        feedEnd: () => store.feedEnd(),
        version: () => store.version(),
        inspect: () => store.inspect(),
      }
    for (const [method, call] of Object.entries(calls))
      await expect(call(), method).rejects.toMatchObject({ code: 'closed' })
    expect(store.watch(() => {}).isLive).toBe(false)
  })

  claim('of one store leaves another on the same data open', async ({ store, second, events }) => {
    const other = await second()
    await appendAll(store, [events.make()])
    await store.close()
    expect(await appendAll(other, [events.make()])).toMatchObject([{ index: 1 }])
  })
}
