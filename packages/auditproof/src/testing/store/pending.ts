import { decodeEntry, openDisclosures } from '../../event/index.ts'
import type { Bench, Claims } from '../harness.ts'
import { appendAll, expectSays, expectSoundLog, texts } from './whole-log.ts'

export function pendingClaims(claims: Claims): void {
  const { claim, expect } = claims

  claim('is appended oldest first, and is gone afterwards', async ({ store, harness, events }) => {
    const left = events.makeMany(5)
    for (const text of texts(left)) await harness.insertPending(text)
    expect(await store.drainPending(3)).toMatchObject(
      [0, 1, 2].map((index) => ({ state: 'stored', index, duplicate: false })),
    )
    expect(await store.drainPending(3)).toMatchObject([3, 4].map((index) => ({ state: 'stored', index })))
    expect(await store.drainPending(3)).toEqual([])
    const entries = await expectSoundLog(claims, store, 'acme')
    left.forEach((event, i) => expectSays(claims, entries[i], event))
  })

  claim('is appended once, though two drain it at the same time', async ({ store, second, harness, events }) => {
    const left = events.makeMany(60)
    for (const text of texts(left)) await harness.insertPending(text)
    const other = await second()
    const drained = await Promise.all([store, other, store, other, store, other].map((each) => each.drainPending(15)))
    while ((await store.drainPending(15)).length > 0);
    const outcomes = drained.flat()
    expect(outcomes.every((outcome) => outcome.state === 'stored' && !outcome.duplicate)).toBe(true)
    const entries = await expectSoundLog(claims, store, 'acme')
    expect(entries.map(({ id }) => id).toSorted()).toEqual(left.map(({ id }) => id).toSorted())
  })

  claim('keeps what was rejected, behind the others, and not what became a conflict', async (bench) => {
    const { store, harness, events } = bench
    const [stored, other] = events.makeMany(2)
    await appendAll(store, [stored!])
    await harness.insertPending(JSON.stringify({ ...stored!, outcome: 'denied' }))
    await harness.insertPending(JSON.stringify(other))
    expect(await store.drainPending(1)).toMatchObject([{ state: 'rejected', code: 'id_conflict' }])
    expect(await store.drainPending(9)).toMatchObject([{ state: 'stored' }])
    expect(await store.drainPending(9)).toEqual([])
  })

  claim('may hold what is in the log already', async ({ store, harness, events }) => {
    const event = events.make()
    await appendAll(store, [event])
    await harness.insertPending(JSON.stringify(event))
    expect(await store.drainPending(10)).toMatchObject([{ state: 'stored', index: 0, duplicate: true }])
    expect(await store.drainPending(10)).toEqual([])
  })

  claim('waits for the next drain while the store is closed', async ({ harness, events, reopen }) => {
    await harness.insertPending(JSON.stringify(events.make()))
    const store = await reopen()
    expect(await store.drainPending(10)).toMatchObject([{ state: 'stored', index: 0 }])
  })

  const good = { tenant: 'acme' }
  const broken: [string, (bench: Bench) => string][] = [
    ['an id that no door gives out', ({ events }) => JSON.stringify({ ...events.make(good), id: 'two words' })],
    ['a time that is none', ({ events }) => JSON.stringify({ ...events.make(good), occurredAt: 'yesterday' })],
    ['no tenant', ({ events }) => JSON.stringify({ ...events.make(good), tenant: undefined })],
    ['no producer', ({ events }) => JSON.stringify({ ...events.make(good), producer: undefined })],
    ['a target that is null', ({ events }) => JSON.stringify({ ...events.make(good), targets: [null] })],
    ['an actor that is null', ({ events }) => JSON.stringify({ ...events.make(good), actor: null })],
    ['changes that are no list', ({ events }) => JSON.stringify({ ...events.make(good), changes: { a: 1 } })],
    [
      'text that no store can hold',
      ({ events }) => JSON.stringify({ ...events.make(good), actor: { type: 'user', id: 'a\0b' } }),
    ],
    ['the tenant of the meta log', ({ events }) => JSON.stringify({ ...events.make(good), tenant: '_meta' })],
    ['the tenant of the system', ({ events }) => JSON.stringify({ ...events.make(good), tenant: '_system' })],
    ['a list', () => '[1]'],
    ['null', () => 'null'],
    ['no JSON', () => '{"id":'],
    ['nothing', () => ''],
  ]
  for (const [what, make] of broken)
    claim(`becomes an event, whatever a row holds: ${what}`, async (bench) => {
      const { store, harness, events } = bench
      const [before, after] = events.makeMany(2)
      const row = make(bench)
      for (const text of [JSON.stringify(before), row, JSON.stringify(after)]) await harness.insertPending(text)
      expect(await store.drainPending(10)).toMatchObject([
        { state: 'stored', tenant: 'acme', index: 0 },
        { state: 'stored', tenant: '_unassigned', index: 0 },
        { state: 'stored', tenant: 'acme', index: 1 },
      ])
      expect(await store.drainPending(10)).toEqual([])
      const entries = await expectSoundLog(claims, store, 'acme')
      expectSays(claims, entries[1], after!)
      const [kept] = await expectSoundLog(claims, store, '_unassigned')
      const { action, digests } = decodeEntry(kept!.entry)
      expect(action).toBe('unclassified')
      expect(openDisclosures(digests, kept!.content!.disclosures).values.details?.details).toEqual({ pending: row })
    })
}
