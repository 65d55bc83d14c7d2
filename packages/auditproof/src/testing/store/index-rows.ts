/** What `verify` reads of the search index. That it is used rightly is claimed by list.ts. */
import { compareKeys, decodeEntry, microseconds, searchKinds } from '../../event/index.ts'
import { leafWidth } from '../../store/offsets.ts'
import type { Posting } from '../../store/search.ts'
import type { Store } from '../../store/store.ts'
import type { Claims } from '../harness.ts'
import { anyEvent, buildWholeIndex, everyEvent } from './list.ts'
import { appendAll, headOf, wholeLog } from './whole-log.ts'

/** All that a leaf holds, read in pages. */
async function leafOf(store: Store, tenant: string, limit: number = 1000): Promise<Posting[]> {
  const { log } = await headOf(store, tenant)
  const rows: Posting[] = []
  for (let page: Posting[] | undefined; page === undefined || page.length === limit; rows.push(...page))
    page = await store.postings(log, 0, 0, rows.at(-1)?.key ?? '', limit)
  return rows
}

export function indexRowClaims(claims: Claims): void {
  const { claim, expect } = claims

  claim('holds of each key the entries that have it, in order, and no others', async ({ store, events, random }) => {
    const made = Array.from({ length: 60 }, (_, i) => events.make({ ...anyEvent(random, i), tenant: 'acme' }))
    const odd = ['\ue000', '\u{1F512}', '\uffee', 'z'].map((id) => events.make({ actor: { type: 'user', id } }))
    await appendAll(store, [...made, ...odd])
    await buildWholeIndex(store)
    const expected = new Map<string, number[]>()
    for (const { keys, index } of (await everyEvent(store)).filter(({ tenant }) => tenant === 'acme'))
      for (const key of keys) expected.set(key, [...(expected.get(key) ?? []), index])
    const rows = await leafOf(store, 'acme')
    expect(rows).toEqual(
      [...expected].sort(([a], [b]) => compareKeys(a, b)).map(([key, members]) => ({ key, members })),
    )
    expect(await leafOf(store, 'acme', 7)).toEqual(rows)
  })

  claim('gets words and changed fields when it is built, and says up to where', async ({ store, events }) => {
    await appendAll(store, events.makeMany(3))
    const later = async (): Promise<Posting[]> =>
      (await leafOf(store, 'acme')).filter(
        ({ key }) => key.startsWith(searchKinds.word) || key.startsWith(searchKinds.changed),
      )
    expect([await later(), (await headOf(store, 'acme')).indexedSize]).toEqual([[], 0])
    await buildWholeIndex(store)
    expect((await headOf(store, 'acme')).indexedSize).toBe(3)
    const built = await later()
    expect(built.find(({ key }) => key === `${searchKinds.changed}/status`)?.members).toEqual([0, 1, 2])
    await buildWholeIndex(store)
    expect(await later()).toEqual(built)
  })

  for (const isBuilt of [true, false])
    claim(
      `has nothing left of what was erased ${isBuilt ? 'after' : 'before'} it was built`,
      async ({ store, events }) => {
        const actor = { type: 'user' as const, id: 'canary', name: 'Canary', email: 'canary@example.org' }
        const changes = [{ path: '/canary', op: 'add' as const, new: 'canary' }]
        await appendAll(store, [events.make(), events.make({ actor, changes, details: { canary: 'canary' } })])
        if (isBuilt) await buildWholeIndex(store)
        const items = [{ index: 1, groups: ['actor', 'changes', 'details'] as const }]
        const submission = JSON.stringify(events.make({ action: 'audit.erase', details: { items } }))
        await store.eraseContent({ tenant: 'acme', items, submission })
        await buildWholeIndex(store)
        const rows = await leafOf(store, 'acme')
        expect(rows.filter(({ key }) => key.includes('canary'))).toEqual([])
        expect(rows.find(({ key }) => key === `${searchKinds.is}erased`)?.members).toEqual([1])
        expect(rows.filter(({ members }) => members.length === 0)).toEqual([])
      },
    )

  claim('knows when the entries of each leaf happened, of a full one each', async ({ store, events, random }) => {
    const count = leafWidth + 3
    const made = Array.from({ length: count }, (_, i) => {
      const { timed: _timed, ...event } = events.makeSmall()
      return { ...event, timed: true, occurredAt: new Date(Date.UTC(2026, 0, 1) + i + random.below(999)).toISOString() }
    })
    for (let from = 0; from < count; from += 1000) await appendAll(store, made.slice(from, from + 1000))
    const { log } = await headOf(store, 'acme')
    expect(await store.leafTimes(log, 0)).toBe(undefined)
    await buildWholeIndex(store)
    const times = (await wholeLog(store, 'acme')).map(({ entry }) => microseconds(decodeEntry(entry).occurredAt))
    expect([...(await store.leafTimes(log, 0))!]).toEqual(times.slice(0, leafWidth))
    expect(await store.leafTimes(log, 1)).toBe(undefined)
    const range = (all: readonly number[]): { earliest: number; latest: number } => ({
      earliest: Math.min(...all),
      latest: Math.max(...all),
    })
    const nodes = [times.slice(0, leafWidth), times.slice(leafWidth)].map((all, n) => ({ n, ...range(all), top: true }))
    expect(await store.indexNodes(log, 0, -1, 10)).toEqual(nodes)
    expect(await store.indexNodes(log, 0, 0, 10)).toEqual(nodes.slice(1))
    expect(await store.indexNodes(log, 0, -1, 1)).toEqual(nodes.slice(0, 1))
    expect(await store.indexNodes(log, 1, -1, 10)).toEqual([])
    const places = [0, 1].map((n) => ({ log, level: 0, n }))
    const all = await store.indexPlaces(undefined, 10)
    expect(all.filter((place) => place.log === log)).toEqual(places)
    expect(await store.indexPlaces({ log, level: 0, n: 0 }, 1)).toEqual(places.slice(1))
    expect(await store.indexPlaces(all.at(-1), 10)).toEqual([])
  })

  claim('has nothing of the meta log, nor of a log that is not there', async ({ store, events }) => {
    await appendAll(store, events.makeMany(1))
    await buildWholeIndex(store)
    expect(await store.postings(99, 0, 0, '', 10)).toEqual([])
    expect(await store.indexNodes(99, 0, -1, 10)).toEqual([])
    expect(await store.leafTimes(99, 0)).toBe(undefined)
    const logs = (await store.heads()).filter(({ tenant }) => tenant !== '_meta').map(({ log }) => log)
    expect((await store.indexPlaces(undefined, 10)).map(({ log }) => log)).toEqual(logs)
  })
}
