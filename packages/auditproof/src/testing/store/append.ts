import { decodeEntry, openDisclosures, summaryOf } from '../../event/index.ts'
import { encodeHex } from '../../log/index.ts'
import type { Claims } from '../harness.ts'
import { appendAll, expectSays, expectSoundLog, headOf, texts, wholeLog } from './whole-log.ts'

export function appendClaims(claims: Claims): void {
  const { claim, expect } = claims

  claim('gives each event the next index of its tenant, in the order of the batch', async ({ store, events }) => {
    const first = await appendAll(
      store,
      ['a', 'b', 'a', 'b', 'a'].map((tenant) => events.make({ tenant })),
    )
    expect(first.map(({ tenant, index }) => `${tenant}${index}`)).toEqual(['a0', 'b0', 'a1', 'b1', 'a2'])
    expect(first.some(({ duplicate }) => duplicate)).toBe(false)
    const more = await appendAll(
      store,
      ['b', 'c', 'a'].map((tenant) => events.make({ tenant })),
    )
    expect(more.map(({ tenant, index }) => `${tenant}${index}`)).toEqual(['b2', 'c0', 'a3'])
    for (const tenant of ['a', 'b', 'c']) await expectSoundLog(claims, store, tenant)
  })

  claim('takes an empty batch', async ({ store }) => {
    expect(await store.append([])).toEqual([])
    expect(await store.heads()).toEqual([])
  })

  claim(
    'stores an entry, its leaf hash, and disclosures that open to what was submitted',
    async ({ store, events }) => {
      const submitted = [
        events.make(),
        events.make({ outcome: 'denied', severity: 'critical', reason: 'no right', scope: ['client/k_3'] }),
        events.makeSmall(),
        events.make({ details: { text: 'Zürich 🏔 “quoted”\n\t\\ \u2028', big: 2 ** 53 - 1, deep: [[[{}]]] } }),
      ]
      const outcomes = await appendAll(store, submitted)
      const entries = await wholeLog(store, 'acme')
      submitted.forEach((event, i) => expectSays(claims, entries[i], event))
      expect(outcomes.map(({ leafHash }) => encodeHex(leafHash))).toEqual(
        entries.map(({ leafHash }) => encodeHex(leafHash)),
      )
    },
  )

  claim('keeps a summary that can be derived from entry and disclosures', async ({ store, events }) => {
    await appendAll(store, [
      events.make(),
      events.makeSmall(),
      events.make({ target: 'case/c_1', actor: 'service/cron' }),
    ])
    for (const { entry, content } of await wholeLog(store, 'acme')) {
      const decoded = decodeEntry(entry)
      expect(content?.summary).toEqual(
        summaryOf(decoded, openDisclosures(decoded.digests, content!.disclosures).values),
      )
    }
  })

  claim(
    'has the root of the leaf hashes after every batch, whatever their sizes',
    async ({ store, events, random }) => {
      for (let batch = 0; batch < 12; batch++) {
        const count = random.pick([1, 2, 3, 5, 64, 127])
        await appendAll(
          store,
          Array.from({ length: count }, () => events.makeSmall(random.pick(['a', 'b']))),
        )
        for (const tenant of ['a', 'b']) if (await store.headOf(tenant)) await expectSoundLog(claims, store, tenant)
      }
    },
  )

  claim('gives each log a name of its own under the name of the store', async ({ store, events }) => {
    await appendAll(store, [events.make({ tenant: 'a' }), events.make({ tenant: 'b' })])
    const heads = await store.heads()
    for (const { origin } of heads)
      expect(origin.startsWith(`${store.name}/`) && /\/[0-9a-f]{16}$/.test(origin)).toBe(true)
    expect(new Set(heads.map(({ origin }) => origin)).size).toBe(3)
    const [outcome] = await appendAll(store, [events.make({ tenant: 'a' })])
    expect(outcome?.log).toBe((await headOf(store, 'a')).origin)
  })

  claim('records in _system that a log begins, its own first', async ({ store, events }) => {
    await appendAll(
      store,
      ['a', 'b', 'a'].map((tenant) => events.make({ tenant })),
    )
    await appendAll(
      store,
      ['b', 'c'].map((tenant) => events.make({ tenant })),
    )
    const begun = (await expectSoundLog(claims, store, '_system')).map(({ entry, content }) => {
      const { action, digests } = decodeEntry(entry)
      const { values } = openDisclosures(digests, content!.disclosures)
      return { action, target: values.target?.targets[0], origin: values.details?.details?.['origin'] }
    })
    const expected = await Promise.all(
      ['_system', 'a', 'b', 'c'].map(async (tenant) => {
        const { origin } = await headOf(store, tenant)
        return { action: 'log.create', target: { type: 'tenant', id: tenant }, origin }
      }),
    )
    expect(begun).toEqual(expected)
  })

  claim('rejects what is no event, and takes the rest of its batch', async ({ store, events }) => {
    const good = [events.make(), events.make(), events.make()]
    const broken = { ...events.make(), id: 'no id at all' }
    const [a, b, c, d, e] = await store.append(
      texts([good[0], broken, good[1], { ...events.make(), action: '' }, good[2]]),
    )
    expect([b, d]).toMatchObject([
      { state: 'rejected', code: 'store_rejected' },
      { state: 'rejected', code: 'store_rejected' },
    ])
    expect([a, c, e]).toMatchObject([0, 1, 2].map((index) => ({ state: 'stored', index })))
    const entries = await expectSoundLog(claims, store, 'acme')
    good.forEach((event, i) => expectSays(claims, entries[i], event))
  })

  claim('makes no log for an event that it rejects, and one for the next that it takes', async ({ store, events }) => {
    const broken = { ...events.make({ tenant: 'fresh' }), id: 'no id at all' }
    expect(await store.append(texts([broken]))).toMatchObject([{ state: 'rejected' }])
    expect(await store.headOf('fresh')).toBe(undefined)
    expect((await store.heads()).map(({ tenant }) => tenant)).toEqual([])
    expect(await appendAll(store, [events.make({ tenant: 'fresh' })])).toMatchObject([{ index: 0 }])
    await expectSoundLog(claims, store, 'fresh')
    expect((await wholeLog(store, '_system')).length).toBe(2)
  })

  if (claims.ownClock) return
  claim('lets recordedAt never go back, though the clock does', async ({ store, events, sources, reopen }) => {
    await appendAll(store, [events.make()])
    sources.ms -= 3_600_000
    await appendAll(store, [events.make()])
    const again = await reopen()
    await appendAll(again, [events.make()])
    sources.ms += 7_200_000
    await appendAll(again, [events.make()])
    const entries = await expectSoundLog(claims, again, 'acme')
    const times = entries.map(({ entry }) => decodeEntry(entry).recordedAt)
    expect(times).toEqual([...Array<string>(3).fill('2026-01-01T00:00:00.000Z'), '2026-01-01T01:00:00.000Z'])
  })
}
