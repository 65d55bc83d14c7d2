import { decodeDisclosure, decodeEntry, groups, openDisclosures, summaryOf, type Group } from '../../event/index.ts'
import { encodeHex } from '../../log/index.ts'
import type { AppendOutcome, Erasure, Store } from '../../store/store.ts'
import type { Bench, Claims } from '../harness.ts'
import { newestFirst } from './list.ts'
import { appendAll, expectSoundLog, headOf, texts, wholeLog, type Stored } from './whole-log.ts'

export function eraseClaims(claims: Claims): void {
  const { claim, expect } = claims

  const erasureOf = ({ events }: Bench, items: Erasure['items'], tenant: string = 'acme'): Erasure => ({
    tenant,
    items,
    submission: JSON.stringify(events.make({ tenant, action: 'audit.erase', details: { items } })),
  })
  const erase = (bench: Bench, items: Erasure['items'], store: Store = bench.store): Promise<AppendOutcome> =>
    store.eraseContent(erasureOf(bench, items))

  claim('destroys the disclosures of the groups named, and leaves entries and proofs as they are', async (bench) => {
    const { store, events } = bench
    await appendAll(store, events.makeMany(3))
    const before = await wholeLog(store, 'acme')
    const outcome = await erase(bench, [{ index: 1, groups: ['actor', 'context'] }])
    expect(outcome).toMatchObject({ state: 'stored', tenant: 'acme', index: 3, duplicate: false })
    const after = await expectSoundLog(claims, store, 'acme')
    expect(after.slice(0, 3).map(({ leafHash }) => encodeHex(leafHash))).toEqual(
      before.map(({ leafHash }) => encodeHex(leafHash)),
    )
    expect([after[0], after[2]].map((stored) => stored?.content)).toEqual([before[0]?.content, before[2]?.content])
    const gone = (group: Group | undefined): boolean => group === 'actor' || group === 'context'
    const left = before[1]!.content!.disclosures.filter((text) => !gone(decodeDisclosure(text).group))
    expect(after[1]!.content!.disclosures).toEqual(left)
    expect(openDisclosures(decodeEntry(after[1]!.entry).digests, left).missing).toEqual(['actor', 'context'])
  })

  claim('derives the summary again from what remains', async (bench) => {
    const { store, events } = bench
    await appendAll(store, [events.make({ actor: { id: 'canary', name: 'Canary' }, target: 'case/c_1' })])
    const [before] = await wholeLog(store, 'acme')
    await erase(bench, [{ index: 0, groups: ['actor'] }])
    const [after] = await wholeLog(store, 'acme')
    expect(after!.content!.summary).toEqual({ ...before!.content!.summary, actor: null, actorName: null })
    await erase(bench, [{ index: 0, groups: [...groups] }])
    const [blank] = await wholeLog(store, 'acme')
    expect(blank!.content).toEqual({ summary: summaryOf(decodeEntry(blank!.entry), {}), disclosures: [] })
    expect((await store.list({ ...newestFirst, tenant: 'acme', limit: 10 })).rows.at(-1)).toMatchObject({
      index: 0,
      summary: { action: 'case.update', actor: null, actorName: null, target: null, targetName: null },
    })
  })

  claim('destroys single changes with their group', async (bench) => {
    const { store, events } = bench
    const changes = [1, 2, 3].map((n) => ({ path: `/f${n}`, op: 'add' as const, new: `canary-${n}` }))
    await appendAll(store, [events.make({ changes })])
    await erase(bench, [{ index: 0, groups: ['changes'] }])
    const [stored] = await wholeLog(store, 'acme')
    const left = stored!.content!.disclosures.map((text) => decodeDisclosure(text).group)
    expect(left).toEqual(['actor', 'target', 'context', 'details'])
  })

  claim('names for each group the event that recorded its erasure', async (bench) => {
    const { store, events, reopen } = bench
    await appendAll(store, events.makeMany(3))
    await erase(bench, [
      { index: 2, groups: ['actor'] },
      { index: 0, groups: ['actor', 'target'] },
    ])
    await erase(bench, [{ index: 1, groups: ['details'] }])
    const { log } = await headOf(store, 'acme')
    const rows = (await (await reopen()).erasures(log, -1, 100)).map(
      ({ index, group, by }) => `${index} ${group} ${by}`,
    )
    expect(rows.toSorted()).toEqual(['0 actor 3', '0 target 3', '1 details 4', '2 actor 3'])
    expect(rows.map((row) => row[0])).toEqual(['0', '0', '1', '2'])
    expect((await bench.store.erasures(log, 0, 100)).map(({ index }) => index)).toEqual([1, 2])
    expect((await bench.store.erasures(log, 2, 100)).length).toBe(0)
  })

  claim('of a group that is erased already is recorded, but names no second row', async (bench) => {
    const { store, events } = bench
    await appendAll(store, events.makeMany(1))
    await erase(bench, [{ index: 0, groups: ['actor'] }])
    expect(await erase(bench, [{ index: 0, groups: ['actor', 'details'] }])).toMatchObject({
      state: 'stored',
      index: 2,
    })
    const { log } = await headOf(store, 'acme')
    const rows = (await store.erasures(log, -1, 100)).map(({ group, by }) => `${group} ${by}`)
    expect(rows.toSorted()).toEqual(['actor 1', 'details 2'])
  })

  claim('of the same event in two items takes the groups of both', async (bench) => {
    const { store, events } = bench
    await appendAll(store, events.makeMany(1))
    await erase(bench, [
      { index: 0, groups: ['actor'] },
      { index: 0, groups: ['details', 'actor'] },
    ])
    const [stored] = await wholeLog(store, 'acme')
    const { missing } = openDisclosures(decodeEntry(stored!.entry).digests, stored!.content!.disclosures)
    expect(missing).toEqual(['actor', 'details'])
    expect((await store.erasures((await headOf(store, 'acme')).log, -1, 100)).length).toBe(2)
  })

  claim('asked for again after a lost reply changes nothing', async (bench) => {
    const { store, events } = bench
    await appendAll(store, events.makeMany(2))
    const erasure = erasureOf(bench, [{ index: 0, groups: ['actor'] }])
    const first = (await store.eraseContent(erasure)) as Stored
    expect(await store.eraseContent(erasure)).toMatchObject({ state: 'stored', index: first.index, duplicate: true })
    const head = await headOf(store, 'acme')
    expect(head.size).toBe(3)
    expect((await store.erasures(head.log, -1, 100)).length).toBe(1)
  })

  const refused: [string, Erasure['items'], string?][] = [
    ['an index that is not there', [{ index: 99, groups: ['actor'] }]],
    ['a tenant that is not there', [{ index: 0, groups: ['actor'] }], 'nobody'],
    ['the record of an erasure', [{ index: 2, groups: ['details'] }]],
    ['the record of a new log', [{ index: 0, groups: ['details'] }], '_system'],
    ['a group that is none', [{ index: 0, groups: ['everything' as Group] }]],
    ['no event at all', []],
  ]
  for (const [what, items, tenant] of refused)
    claim(`is refused for ${what}, and erases nothing else`, async (bench) => {
      const { store, events } = bench
      await appendAll(store, events.makeMany(2))
      await erase(bench, [{ index: 1, groups: ['target'] }])
      const before = await store.heads()
      const alsoGood = tenant === undefined && items.length > 0 ? [{ index: 0, groups: ['context' as const] }] : []
      const attempt = store.eraseContent(erasureOf(bench, [...alsoGood, ...items], tenant))
      await expect(attempt).rejects.toMatchObject({ code: 'erase_refused' })
      expect(await store.heads()).toEqual(before)
      const [stored] = await wholeLog(store, 'acme')
      expect(openDisclosures(decodeEntry(stored!.entry).digests, stored!.content!.disclosures).missing).toEqual([])
    })

  claim('takes the record of a conflict', async (bench) => {
    const { store, events } = bench
    const event = events.make()
    await store.append(texts([event, { ...event, details: { canary: 1 } }]))
    expect(await erase(bench, [{ index: 1, groups: ['details'] }])).toMatchObject({ state: 'stored', index: 2 })
  })

  claim('leaves a repetition of the event a repetition', async (bench) => {
    const { store, events } = bench
    const event = events.make()
    await appendAll(store, [event])
    await erase(bench, [{ index: 0, groups: ['actor', 'changes', 'details'] }])
    expect(await appendAll(store, [event])).toMatchObject([{ index: 0, duplicate: true }])
    // What is erased cannot be compared; what is left still is.
    expect(await store.append(texts([{ ...event, details: {} }]))).toMatchObject([{ state: 'stored', duplicate: true }])
    expect(await store.append(texts([{ ...event, targets: [] }]))).toMatchObject([
      { state: 'rejected', code: 'id_conflict' },
    ])
  })
}
