import { decodeEntry } from '../../event/index.ts'
import { storeLimits } from '../../store/limits.ts'
import type { Claims } from '../harness.ts'
import { appendAll, headOf, plain } from './whole-log.ts'

export function readClaims(claims: Claims): void {
  const { claim, expect } = claims

  claim('lists the logs in the order they were made', async ({ store, events, reopen }) => {
    for (const tenant of ['b', 'a', 'c']) await appendAll(store, [events.make({ tenant })])
    const heads = (await (await reopen()).heads()).filter(({ tenant }) => tenant !== '_system')
    expect(heads.map(({ tenant }) => tenant)).toEqual(['b', 'a', 'c'])
    expect(heads.map(({ log }) => log)).toEqual(heads.map(({ log }) => log).toSorted((a, b) => a - b))
  })

  claim('knows the head of a tenant, and none of one that is not there', async ({ store, events }) => {
    await appendAll(store, events.makeMany(2))
    expect(await store.headOf('acme')).toEqual((await store.heads()).find(({ tenant }) => tenant === 'acme'))
    const { recordedAt } = decodeEntry((await store.entries((await headOf(store, 'acme')).log, 1, 2))[0]!.entry)
    expect(await store.headOf('acme')).toMatchObject({ size: 2, recordedAt, published: undefined, metaSize: 0 })
    expect(await store.headOf('ACME')).toBe(undefined)
    expect(await store.headOf('')).toBe(undefined)
  })

  claim('hands out entries from one index to another, as far as they exist', async ({ store, events }) => {
    await appendAll(store, events.makeMany(10))
    const { log } = await headOf(store, 'acme')
    const indexes = async (from: number, to: number, of: number = log): Promise<number[]> =>
      (await store.entries(of, from, to)).map(({ index }) => index)
    expect(await indexes(0, 3)).toEqual([0, 1, 2])
    expect(await indexes(8, 99)).toEqual([8, 9])
    expect(await indexes(10, 20)).toEqual([])
    expect(await indexes(3, 3)).toEqual([])
    expect(await indexes(5, 2)).toEqual([])
    expect(await indexes(0, 10, 99)).toEqual([])
  })

  claim('hands out no more entries at once than readEntriesMax', async ({ store, events }) => {
    await appendAll(
      store,
      Array.from({ length: storeLimits.readEntriesMax + 10 }, () => events.makeSmall()),
    )
    const { log, size } = await headOf(store, 'acme')
    const page = await store.entries(log, 2, size)
    expect([page.length, page[0]?.index]).toEqual([storeLimits.readEntriesMax, 2])
  })

  claim('gives copies: a reader cannot change what is stored', async ({ store, events }) => {
    await appendAll(store, events.makeMany(1))
    const { log } = await headOf(store, 'acme')
    const [read] = await store.entries(log, 0, 1)
    const before = plain(read)
    read!.entry.fill(0)
    read!.leafHash.fill(0)
    read!.content!.disclosures.length = 0
    read!.content!.summary.action = 'changed'
    ;(await store.tile(log, 0, 0, 1)).fill(0)
    const [again] = await store.entries(log, 0, 1)
    expect(plain(again)).toEqual(before)
    expect(plain(await store.tile(log, 0, 0, 1))).toEqual(plain(again!.leafHash))
  })

  claim('finds an id in one tenant, or in all', async ({ store, events }) => {
    await appendAll(
      store,
      ['a', 'b', 'b'].map((tenant) => events.make({ tenant })),
    )
    await appendAll(
      store,
      ['b', 'a'].map((tenant) => events.make({ tenant, id: 'shared' })),
    )
    const [a, b] = [(await headOf(store, 'a')).log, (await headOf(store, 'b')).log]
    const places = (await store.find('shared')).toSorted((one, other) => one.log - other.log)
    expect(places).toEqual(
      [
        { tenant: 'a', log: a, index: 1 },
        { tenant: 'b', log: b, index: 2 },
      ].toSorted((x, y) => x.log - y.log),
    )
    expect(await store.find('shared', 'b')).toEqual([{ tenant: 'b', log: b, index: 2 }])
    expect(await store.find('shared', 'nobody')).toEqual([])
    expect(await store.find('unheard-of')).toEqual([])
  })

  claim('tells what can be checked about the store', async ({ store }) => {
    const findings = await store.inspect()
    expect(findings.length > 0 && findings.every(({ name, detail }) => name !== '' && detail !== '')).toBe(true)
  })
}
