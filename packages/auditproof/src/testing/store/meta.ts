import { encodeHex } from '../../log/index.ts'
import type { Claims } from '../harness.ts'
import { TestSigner } from '../signing.ts'
import { newestFirst } from './list.ts'
import { appendAll, headOf, leafOf, treeHash, wholeLog } from './whole-log.ts'

export function metaClaims(claims: Claims): void {
  const { claim, expect } = claims
  const signer = new TestSigner()

  claim('holds the bytes of each newest checkpoint, by origin and size', async ({ store, events }) => {
    await appendAll(store, [events.make({ tenant: 'a' }), events.make({ tenant: 'b' }), events.make({ tenant: 'b' })])
    await signer.publishAll(store)
    const heads = await store.heads()
    expect(await store.appendMeta(100)).toBe(3)
    const entries = await wholeLog(store, '_meta')
    const text = new TextDecoder()
    expect(entries.map(({ index, id, entry, content }) => ({ index, id, note: text.decode(entry), content }))).toEqual(
      heads.map(({ origin, published }, index) => ({
        index,
        id: `${origin.slice(-16)}:${published!.size}`,
        note: published!.note,
        content: undefined,
      })),
    )
    expect(entries.map(({ leafHash }) => encodeHex(leafHash))).toEqual(
      entries.map(({ entry }) => encodeHex(leafOf(entry))),
    )
    const meta = await headOf(store, '_meta')
    expect(meta).toMatchObject({ origin: store.name, size: 3 })
    expect(encodeHex(meta.root)).toBe(encodeHex(treeHash(entries.map(({ leafHash }) => leafHash))))
  })

  claim('takes each checkpoint once, as many as asked for', async ({ store, events, reopen }) => {
    await appendAll(
      store,
      ['a', 'b', 'c'].map((tenant) => events.make({ tenant })),
    )
    await signer.publishAll(store)
    expect(await store.appendMeta(3)).toBe(3)
    const again = await reopen()
    expect(await again.appendMeta(3)).toBe(1)
    expect(await again.appendMeta(3)).toBe(0)
    for (const { tenant, metaSize, published } of await again.heads())
      if (tenant !== '_meta') expect(metaSize).toBe(published?.size)
    await appendAll(again, [events.make({ tenant: 'b' })])
    expect(await again.appendMeta(3)).toBe(0)
    await signer.publishAll(again)
    expect(await again.appendMeta(3)).toBe(1)
    expect((await headOf(again, 'b')).metaSize).toBe(2)
  })

  claim('begins with the first checkpoint, unannounced', async ({ store, events }) => {
    expect(await store.appendMeta(10)).toBe(0)
    await appendAll(store, [events.make()])
    expect(await store.appendMeta(10)).toBe(0)
    await signer.publishAll(store)
    await store.appendMeta(10)
    expect((await wholeLog(store, '_system')).length).toBe(2) // _system itself, and the tenant
  })

  claim('is published like any other, and goes on growing over tiles', async ({ store, events }) => {
    for (let round = 0; round < 130; round++) {
      await appendAll(store, [events.makeSmall('a'), events.makeSmall('b')])
      await signer.publishAll(store)
      await store.appendMeta(100)
    }
    const { log, size, root, published } = await headOf(store, '_meta')
    expect(size).toBe(261) // 130 of each, and once _system
    expect(published?.size).toBe(259)
    const entries = await wholeLog(store, '_meta')
    expect(encodeHex(root)).toBe(encodeHex(treeHash(entries.map(({ entry }) => leafOf(entry)))))
    expect((await store.storedTiles(log, undefined, 10)).length).toBe(1)
    expect(await store.unpublished(log - 1, 1)).toMatchObject([{ log, size: 261, publishedSize: 259 }])
  })

  claim('stands in no list', async ({ store, events }) => {
    await appendAll(store, [events.make()])
    await signer.publishAll(store)
    await store.appendMeta(10)
    expect((await store.list({ ...newestFirst, limit: 10 })).rows.map(({ tenant }) => tenant)).toEqual(['acme'])
    expect(await store.list({ ...newestFirst, tenant: '_meta', limit: 10 })).toMatchObject({ rows: [] })
  })
}
