import { checkConsistency, encodeHex, openCheckpoint, type Hash } from '../../log/index.ts'
import type { PublishedCheckpoint, Store } from '../../store/store.ts'
import type { Claims } from '../harness.ts'
import { TestSigner } from '../signing.ts'
import { appendAll, headOf, treeHash, wholeLog } from './whole-log.ts'

export function publishClaims(claims: Claims): void {
  const { claim, expect } = claims
  const signer = new TestSigner()

  const sizeOf = ({ size }: PublishedCheckpoint): number => size

  claim('finds the logs that have entries under no checkpoint, in order, by the page', async ({ store, events }) => {
    await appendAll(
      store,
      ['a', 'b', 'a'].map((tenant) => events.make({ tenant })),
    )
    const heads = await store.heads()
    const open = await store.unpublished(0, 100)
    expect(open.map(({ log, size, root, origin }) => [log, size, encodeHex(root), origin])).toEqual(
      heads
        .toSorted((a, b) => a.log - b.log)
        .map(({ log, size, root, origin }) => [log, size, encodeHex(root), origin]),
    )
    expect(open.map(({ publishedSize, published, proof }) => [publishedSize, published, proof])).toEqual(
      open.map(() => [0, undefined, []]),
    )
    const [first, ...rest] = open.map(({ log }) => log)
    expect((await store.unpublished(0, 1)).map(({ log }) => log)).toEqual([first])
    expect((await store.unpublished(first!, 100)).map(({ log }) => log)).toEqual(rest)
  })

  claim('stores the note as the newest checkpoint of its log', async ({ store, events, reopen }) => {
    await appendAll(store, events.makeMany(3))
    expect((await headOf(store, 'acme')).published).toBe(undefined)
    await signer.publishAll(store)
    expect(await store.unpublished(0, 100)).toEqual([])
    for (const { origin, size, root, published } of await (await reopen()).heads()) {
      const { checkpoint } = await openCheckpoint(published!.note, [signer.verifierFor(origin)])
      expect([checkpoint.size, encodeHex(checkpoint.root), published!.size]).toEqual([size, encodeHex(root), size])
    }
  })

  claim('hands out consistency proofs that check', async ({ store, events, random }) => {
    const roots = new Map<number, Hash>()
    for (let round = 0; round < 10; round++) {
      await appendAll(
        store,
        Array.from({ length: 1 + random.below(90) }, () => events.makeSmall()),
      )
      const { log } = await headOf(store, 'acme')
      const { publishedSize, size, root, proof } = (await store.unpublished(log - 1, 1))[0]!
      roots.set(size, root)
      if (publishedSize === 0) expect(proof).toEqual([])
      else checkConsistency({ from: publishedSize, fromRoot: roots.get(publishedSize)!, to: size, toRoot: root, proof })
      await signer.publishAll(store)
    }
    const entries = await wholeLog(store, 'acme')
    for (const [size, root] of roots)
      expect(encodeHex(root)).toBe(encodeHex(treeHash(entries.slice(0, size).map(({ leafHash }) => leafHash))))
  })

  claim('passes over a checkpoint that is not larger than the published one', async ({ store, events }) => {
    await appendAll(store, events.makeMany(2))
    const { log } = await headOf(store, 'acme')
    const [older] = (await store.unpublished(0, 100)).filter((each) => each.log === log)
    await appendAll(store, events.makeMany(2))
    await signer.publishAll(store)
    const before = await headOf(store, 'acme')
    const feed = await store.feed(0, 100)
    const smaller = await signer.publicationOf(older!, true)
    await store.publish([smaller, { ...smaller, size: 4, root: before.root, note: 'another note of the same size' }])
    expect((await headOf(store, 'acme')).published).toEqual(before.published)
    expect(await store.feed(0, 100)).toEqual(feed)
    expect((await store.checkpoints(before.log, 0, 100)).map(sizeOf)).toEqual([4])
  })

  claim('publishes an older state of a log that has grown meanwhile', async ({ store, events }) => {
    await appendAll(store, events.makeMany(2))
    const logs = await store.unpublished(0, 100)
    await appendAll(store, events.makeMany(3))
    await store.publish(await Promise.all(logs.map((log) => signer.publicationOf(log))))
    const { log, published } = await headOf(store, 'acme')
    expect(published?.size).toBe(2)
    expect(await store.unpublished(log - 1, 1)).toMatchObject([
      { log, size: 5, publishedSize: 2, published: published?.note },
    ])
  })

  claim('stores all checkpoints of a call or none', async ({ store, events }) => {
    await appendAll(store, [events.make({ tenant: 'a' }), events.make({ tenant: 'b' })])
    const publications = await Promise.all((await store.unpublished(0, 100)).map((log) => signer.publicationOf(log)))
    const beyond = { ...publications.at(-1)!, size: 99 }
    await expect(store.publish([...publications.slice(0, -1), beyond])).rejects.toMatchObject({ code: 'store_corrupt' })
    const unknown = { ...publications.at(-1)!, log: 99 }
    await expect(store.publish([...publications.slice(0, -1), unknown])).rejects.toMatchObject({
      code: 'store_corrupt',
    })
    expect((await store.heads()).map(({ published }) => published)).toEqual(publications.map(() => undefined))
    expect(await store.feed(0, 100)).toEqual([])
  })

  claim('tells followers by dense positions from 1, over all tenants', async ({ store, second, events, random }) => {
    const other = await second()
    for (let round = 0; round < 6; round++) {
      await appendAll(
        store,
        Array.from({ length: 3 }, () => events.makeSmall(random.pick(['a', 'b', 'c']))),
      )
      await Promise.all([signer.publishAll(store), signer.publishAll(other)])
      await store.appendMeta(100)
    }
    const rows = await store.feed(0, 1000)
    expect(rows.map(({ position }) => position)).toEqual(rows.map((_, i) => i + 1))
    expect(await store.feed(2, 3)).toEqual(rows.slice(2, 5))
    expect(await store.feed(rows.length, 10)).toEqual([])
    for (const { log, size, tenant } of await store.heads()) {
      const own = rows.filter((row) => row.log === log)
      // Each row goes on where the one before has ended; the meta log is in no feed.
      expect(own.map(({ from }) => from)).toEqual([0, ...own.map(({ to }) => to)].slice(0, own.length))
      expect(own.at(-1)?.to).toBe(tenant === '_meta' ? undefined : size)
    }
  })

  claim('keeps the newest checkpoint when it is asked to, once', async ({ store, events, reopen }) => {
    await appendAll(store, [events.make()])
    const { log } = await headOf(store, 'acme')
    expect(await store.keepCheckpoint(log)).toBe(undefined)
    await signer.publishAll(store)
    await appendAll(store, [events.make()])
    await signer.publishAll(store)
    const newest = (await headOf(store, 'acme')).published!
    expect(await store.keepCheckpoint(log)).toEqual(newest)
    expect(await store.keepCheckpoint(log)).toEqual(newest)
    expect((await (await reopen()).checkpoints(log, 0, 100)).map(sizeOf)).toEqual([1, 2])
  })

  claim('keeps what is to be kept, and hands it out by size', async ({ store, events }) => {
    for (let size = 1; size <= 5; size++) {
      await appendAll(store, [events.make()])
      await signer.publishAll(store, true)
    }
    const { log } = await headOf(store, 'acme')
    const kept = await store.checkpoints(log, 0, 100)
    expect(kept.map(sizeOf)).toEqual([1, 2, 3, 4, 5])
    expect(kept.map(({ previous }) => previous)).toEqual([0, 1, 2, 3, 4])
    expect(await store.checkpoints(log, 2, 2)).toEqual(kept.slice(2, 4))
    expect(await store.checkpoints(log, 5, 100)).toEqual([])
  })

  if (claims.ownClock) return
  claim('keeps one checkpoint in ten seconds when nobody asks', async ({ store, events, sources }) => {
    const publishAfter = async (to: Store, ms: number): Promise<void> => {
      sources.ms += ms
      await appendAll(to, [events.make()])
      await signer.publishAll(to)
    }
    for (const ms of [0, 200, 9_799, 1, 200, 9_999, 20_000]) await publishAfter(store, ms)
    const { log } = await headOf(store, 'acme')
    expect((await store.checkpoints(log, 0, 100)).map(sizeOf)).toEqual([1, 4, 6, 7])
  })
}
