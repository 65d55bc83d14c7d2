import {
  decodeEntry, laterSearchKeys, microseconds, openDisclosures, referenceKey, searchKeys, searchKinds, typeMark, wordsIn,
  type EventInput,
} from '../../event/index.ts' // prettier-ignore
import {
  comparePositions, meets, type Condition, type KeyMatch, type ListPosition, type ListQuery, type ListRow,
} from '../../store/search.ts' // prettier-ignore
import type { Store } from '../../store/store.ts'
import type { Claims } from '../harness.ts'
import type { Random } from '../random.ts'
import { TestSigner } from '../signing.ts'
import { appendAll } from './whole-log.ts'

export const newestFirst = { conditions: [], order: 'time', descending: true } as const

/** All pages of a list. */
export async function listAll(
  store: Store,
  query: Partial<ListQuery>,
  limit: number,
  between?: () => Promise<unknown>,
): Promise<ListRow[]> {
  const rows: ListRow[] = []
  let after: ListPosition | undefined
  do {
    const page = await store.list({ ...newestFirst, ...query, limit, ...(after && { after }) })
    rows.push(...page.rows)
    after = page.next
    await between?.()
  } while (after !== undefined)
  return rows
}

export async function buildWholeIndex(store: Store): Promise<void> {
  while ((await store.buildIndex()) > 0);
}

const has = (...any: KeyMatch[]): Condition => ({ any, not: false })
const hasNot = (...any: KeyMatch[]): Condition => ({ any, not: true })
const reference = (kind: string, text: string): KeyMatch => {
  const [type, id] = text.split('/')
  return { key: referenceKey(kind, type!, id) }
}
const { action, actor, target, outcome, word, changed } = searchKinds

export function listClaims(claims: Claims): void {
  const { claim, expect } = claims
  const idsOf = (rows: ListRow[]): string[] => rows.map(({ id }) => id)

  claim('lists one tenant by when things happened, newest first, with summaries', async ({ store, events }) => {
    await appendAll(store, [...events.makeMany(5), ...events.makeMany(5, { tenant: 'other' })])
    const { rows } = await store.list({ ...newestFirst, tenant: 'acme', limit: 10 })
    expect(rows.map(({ index, tenant }) => [index, tenant])).toEqual([4, 3, 2, 1, 0].map((index) => [index, 'acme']))
    expect(rows.at(-1)).toMatchObject({
      id: 'event-0',
      summary: {
        action: 'case.update',
        actor: 'user/u_0',
        actorName: 'Mara Lind 0',
        target: 'case/c_0',
        severity: 'info',
      },
    })
    expect(await store.list({ ...newestFirst, tenant: 'nobody', limit: 10 })).toMatchObject({ rows: [] })
  })

  claim(
    'puts what was recorded late where it happened; by index it stands where it was recorded',
    async ({ store, events }) => {
      const days = ['2026-03-05', '2026-03-01', '2026-03-09', '2026-03-03', '9999-12-31', '0001-01-01']
      await appendAll(
        store,
        days.map((day, i) => events.make({ id: `e${i}`, occurredAt: `${day}T00:00:00Z` })),
      )
      const byTime = ['e5', 'e1', 'e3', 'e0', 'e2', 'e4']
      for (const limit of [1, 2, 6]) {
        for (const tenant of ['acme', undefined]) {
          const query = tenant === undefined ? {} : { tenant }
          expect(idsOf(await listAll(store, { ...query, descending: false }, limit))).toEqual(byTime)
          expect(idsOf(await listAll(store, query, limit))).toEqual(byTime.toReversed())
        }
        const byIndex = idsOf(await listAll(store, { tenant: 'acme', order: 'index', descending: false }, limit))
        expect(byIndex).toEqual(['e0', 'e1', 'e2', 'e3', 'e4', 'e5'])
      }
    },
  )

  claim('lists all tenants without the logs of the store itself', async ({ store, events }) => {
    // What names no tenant is shown: nobody would look for it.
    const tenants = ['b', 'a', 'b', 'a', '_unassigned']
    await appendAll(
      store,
      tenants.map((tenant, i) => events.make({ tenant, occurredAt: Date.UTC(2026, 2, i + 1) })),
    )
    for (const limit of [1, 2, 100]) {
      const rows = await listAll(store, {}, limit)
      expect(idsOf(rows)).toEqual(['event-4', 'event-3', 'event-2', 'event-1', 'event-0'])
      expect(rows[0]?.tenant).toBe('_unassigned')
    }
  })

  claim('goes on at its position through events of the same time', async ({ store, events }) => {
    const tenants = ['a', 'b', 'c']
    const occurredAt = '2026-03-01T00:00:00Z'
    await appendAll(
      store,
      Array.from({ length: 60 }, (_, i) => events.make({ tenant: tenants[i % 3]!, occurredAt })),
    )
    for (const descending of [true, false]) {
      const whole = idsOf(await listAll(store, { descending }, 1000))
      expect(whole.toSorted()).toEqual(Array.from({ length: 60 }, (_, i) => `event-${i}`).toSorted())
      for (const limit of [1, 7, 20, 60]) expect(idsOf(await listAll(store, { descending }, limit))).toEqual(whole)
    }
  })

  claim('neither repeats nor skips while events are appended', async ({ store, second, events, random }) => {
    await appendAll(store, events.makeMany(100))
    const other = await second()
    const size = (await store.headOf('acme'))!.size
    for (const descending of [true, false])
      for (const query of [{ tenant: 'acme', below: size }, { tenant: 'acme' }, {}]) {
        const before = idsOf(await listAll(store, { ...query, descending }, 1000))
        const between = (): Promise<unknown> =>
          appendAll(
            other,
            events.makeMany(1 + random.below(5), { occurredAt: Date.UTC(2026, 0, 1 + random.below(300)) }),
          )
        let rounds = 20 // what is appended always lies ahead of an ascending list
        const seen = idsOf(
          await listAll(store, { ...query, descending }, 9, () => (rounds-- > 0 ? between() : Promise.resolve())),
        )
        expect(new Set(seen).size).toBe(seen.length)
        expect(before.filter((id) => !seen.includes(id))).toEqual([])
        if ('below' in query) expect(seen).toEqual(before)
      }
  })

  claim('ends, and repeats nothing, over hundreds of tenants at once', async ({ store, events, random }) => {
    const all = Array.from({ length: 600 }, (_, i) =>
      events.make({
        tenant: `t${i % 300}`,
        actor: `user/u_${i % 5}`,
        occurredAt: Date.UTC(2026, 0, 1) + random.below(1e7),
      }),
    )
    await appendAll(store, all)
    for (const descending of [true, false])
      for (const conditions of [[], [has(reference(actor, 'user/u_3'))]]) {
        const seen = idsOf(await listAll(store, { descending, conditions }, 50))
        expect(new Set(seen).size).toBe(seen.length)
        expect(seen.length).toBe(conditions.length === 0 ? 600 : 120)
      }
  })

  const given: (EventInput & { action?: string })[] = [
    { id: 'e0', action: 'case.create', actor: 'user/u_1', target: 'case/c_1', occurredAt: '2026-03-01T00:00:00Z' },
    { id: 'e1', action: 'case.update', actor: 'user/u_2', target: 'case/c_1', occurredAt: '2026-03-01T00:00:00.5Z', changes: [{ path: '/phase', op: 'replace', old: 'open', new: 'closed' }] },
    { id: 'e2', action: 'cases.read', actor: 'user/u_1', target: 'file/507', occurredAt: '2026-03-02T00:00:00Z', outcome: 'denied', reason: 'not assigned' },
    { id: 'e3', action: 'case.delete', actor: 'service/cron', target: 'case/c_12', occurredAt: '2026-02-01T00:00:00Z', outcome: 'failure' },
    { id: 'e4', action: 'case', actor: 'user/u_1', target: 'file/50%_', occurredAt: '2026-03-01T00:00:01Z', details: { note: ['Müller', 7] } },
    { id: 'e5', action: 'case_x.update', actor: 'user/u_1', target: 'file/🗃507', occurredAt: '2026-03-01T00:00:00.000Z' },
  ] // prettier-ignore
  const time = (text: string): number => microseconds(text)
  const selections: [Partial<ListQuery>, string[]][] = [
    [{}, ['e2', 'e4', 'e1', 'e5', 'e0', 'e3']],
    [{ conditions: [has({ key: `${action}case.update` })] }, ['e1']],
    [{ conditions: [has({ key: `${action}case.*` })] }, ['e1', 'e0', 'e3']],
    [{ conditions: [has({ prefix: `${action}case` })] }, ['e2', 'e4', 'e1', 'e5', 'e0', 'e3']],
    [{ conditions: [has({ prefix: `${action}CASE` })] }, []],
    [{ conditions: [has(reference(actor, 'user/u_1'))] }, ['e2', 'e4', 'e5', 'e0']],
    [{ conditions: [has({ key: `${actor}${typeMark}user` })] }, ['e2', 'e4', 'e1', 'e5', 'e0']],
    [{ conditions: [has(reference(target, 'case/c_1'))] }, ['e1', 'e0']],
    [{ conditions: [has({ prefix: `${target}c_1`, ending: `${typeMark}case` })] }, ['e1', 'e0', 'e3']],
    [{ conditions: [has({ prefix: `${target}🗃` })] }, ['e5']],
    [{ conditions: [has({ from: `${target}507`, to: `${target}507${typeMark}file` })] }, ['e2']],
    [{ conditions: [has({ key: `${outcome}denied` })] }, ['e2']],
    [{ conditions: [hasNot({ key: `${outcome}denied` }, { key: `${outcome}failure` })] }, ['e4', 'e1', 'e5', 'e0']],
    [{ conditions: [has({ key: `${outcome}denied` }, { key: `${outcome}failure` })] }, ['e2', 'e3']],
    [{ conditions: [has(reference(actor, 'user/u_1')), has(reference(target, 'case/c_1'))] }, ['e0']],
    [{ conditions: [has(reference(actor, 'user/u_1')), hasNot({ key: `${action}case.*` })] }, ['e2', 'e4', 'e5']],
    [{ since: time('2026-03-01T00:00:01Z') }, ['e2', 'e4']],
    [{ until: time('2026-03-01T00:00:00Z') }, ['e3']],
    [{ since: time('2026-03-01T00:00:00Z'), until: time('2026-03-01T00:00:01Z') }, ['e1', 'e5', 'e0']],
    [{ since: time('2026-03-01T00:00:00.500000Z'), until: time('2026-03-01T00:00:00.500001Z') }, ['e1']],
  ]
  const later: [Partial<ListQuery>, string[]][] = [
    [{ conditions: [has({ key: `${changed}/phase` })] }, ['e1']],
    [{ conditions: [has({ key: `${word}closed` })] }, ['e1']],
    [{ conditions: [has({ key: `${word}müller` })] }, ['e4']],
    [{ conditions: [has({ prefix: `${word}assign` })] }, ['e2']],
  ]
  claim('shows what every selection lets through, and nothing else', async ({ store, events }) => {
    for (const event of given) await appendAll(store, [events.make(event)])
    for (const [selection, ids] of selections)
      for (const limit of [1, 2, 100]) {
        const message = `${JSON.stringify(selection)} by ${limit}`
        expect(idsOf(await listAll(store, { ...selection, tenant: 'acme' }, limit)), message).toEqual(ids)
        expect(idsOf(await listAll(store, selection, limit)), `${message}, all tenants`).toEqual(ids)
        const ascending = idsOf(await listAll(store, { ...selection, descending: false }, limit))
        expect(ascending, `${message}, oldest first`).toEqual(ids.toReversed())
      }
  })

  claim('finds words and changed fields once they are indexed, and says how many wait', async ({ store, events }) => {
    for (const event of given) await appendAll(store, [events.make(event)])
    const [selection] = later[0]!
    const early = await store.list({ ...newestFirst, ...selection, tenant: 'acme', limit: 10 })
    expect(early).toMatchObject({ rows: [], unindexed: 6 })
    expect(await store.list({ ...newestFirst, tenant: 'acme', limit: 10 })).toMatchObject({ unindexed: 0 })
    expect((await store.headOf('acme'))!.indexedSize).toBe(0)
    await buildWholeIndex(store)
    for (const [wanted, ids] of later)
      expect(idsOf(await listAll(store, { ...wanted, tenant: 'acme' }, 10)), JSON.stringify(wanted)).toEqual(ids)
    expect(await store.list({ ...newestFirst, ...selection, limit: 10 })).toMatchObject({ unindexed: 0 })
    expect((await store.headOf('acme'))!.indexedSize).toBe(6)
  })

  claim(
    'finds what is left of an event by its words, however many it has, when another group is erased',
    async ({ store, events }) => {
      const words = (group: string): string => Array.from({ length: 300 }, (_, i) => `${group}${i}`).join(' ')
      const [a, b] = ['a', 'b'].map((last) => `user/${'x'.repeat(400)}${last}`) as [string, string]
      await appendAll(store, [
        events.make({
          id: 'many',
          actor: { type: 'user', id: 'u_1', name: words('actor') },
          details: { note: words('note') },
        }),
        events.make({ id: 'a', actor: a }),
        events.make({ id: 'b', actor: b }),
      ])
      await buildWholeIndex(store)
      const find = async (key: string): Promise<string[]> =>
        idsOf(await listAll(store, { conditions: [has({ key })] }, 10))
      const before = await Promise.all(['note5', 'note200', 'actor40'].map((text) => find(word + text)))
      expect(before).toEqual([['many'], ['many'], ['many']])
      const items = [{ index: 0, groups: ['actor'] as const }]
      const submission = JSON.stringify(events.make({ action: 'audit.erase', details: { items } }))
      await store.eraseContent({ tenant: 'acme', items, submission })
      await buildWholeIndex(store)
      const after = await Promise.all(['note5', 'note200', 'actor40'].map((text) => find(word + text)))
      expect(after).toEqual([['many'], ['many'], []])
      // Long values that begin alike are told apart.
      expect(await find(referenceKey(actor, 'user', a.slice(5)))).toEqual(['a'])
    },
  )

  claim('tells what lies under the newest checkpoint from what does not', async ({ store, events }) => {
    const signer = new TestSigner()
    await appendAll(store, events.makeMany(3))
    await signer.publishAll(store)
    await appendAll(store, events.makeMany(2))
    expect(idsOf(await listAll(store, { sealed: true }, 10))).toEqual(['event-2', 'event-1', 'event-0'])
    expect(idsOf(await listAll(store, { sealed: false, tenant: 'acme' }, 10))).toEqual(['event-4', 'event-3'])
  })

  claim('counts what is selected, its most frequent keys and when it happened', async ({ store, events }) => {
    for (const event of given) await appendAll(store, [events.make(event)])
    const [since, until] = [time('2026-03-01T00:00:00Z'), time('2026-03-03T00:00:00Z')]
    const survey = await store.survey({
      tenant: 'acme',
      conditions: [],
      since,
      until,
      countMax: 100,
      facets: [target, outcome],
      facetKeysMax: 2,
      bins: 2,
    })
    expect(survey).toMatchObject({ count: 5, complete: true, unindexed: 0 })
    expect(survey.facets[target]).toEqual([
      { key: target + typeMark + 'file', count: 3 },
      { key: target + typeMark + 'case', count: 2 },
    ])
    expect(survey.facets[outcome]).toEqual([{ key: `${outcome}denied`, count: 1 }])
    expect(survey.bins.map(({ count, denied, failed }) => [count, denied, failed])).toEqual([
      [4, 0, 0],
      [1, 1, 0],
    ])
  })

  // Long enough for nodes above the leaves would be too long here: drivers with such nodes have a test of their own.
  claim('finds exactly what the events say, whatever is asked for', async ({ store, events, random }) => {
    await appendAll(
      store,
      Array.from({ length: 300 }, (_, i) => events.make(anyEvent(random, i))),
    )
    await buildWholeIndex(store)
    const items = [{ index: random.below(50), groups: ['actor', 'details'] as const }]
    const submission = JSON.stringify(events.make({ tenant: 'acme', action: 'audit.erase', details: { items } }))
    await store.eraseContent({ tenant: 'acme', items, submission })
    await buildWholeIndex(store)
    const known = await everyEvent(store)
    for (let round = 0; round < 150; round++) {
      const query = anyQuery(random, known)
      const expected = known
        .filter(
          ({ keys, at, tenant }) =>
            meets(keys, query.conditions) &&
            at >= (query.since ?? -Infinity) &&
            at < (query.until ?? Infinity) &&
            (query.tenant ?? tenant) === tenant,
        )
        .sort((a, b) => (query.descending ? -1 : 1) * comparePositions(a, b))
      const found = await listAll(store, query, [1, 10, 1000][random.below(3)]!)
      expect(idsOf(found), JSON.stringify(query)).toEqual(expected.map(({ id }) => id))
    }
  })
}

type Known = ListPosition & { id: string; tenant: string; keys: Set<string> }

/** What each event can be found by, derived from its entry and disclosures. */
export async function everyEvent(store: Store): Promise<Known[]> {
  const known: Known[] = []
  for (const { log, tenant, size } of await store.heads()) {
    if (tenant.startsWith('_')) continue
    const erased = new Set((await store.erasures(log, -1, 1000)).map(({ index }) => index))
    for (let from = 0; from < size; from += 1024)
      for (const { index, id, entry, content } of await store.entries(log, from, from + 1024)) {
        const clear = decodeEntry(entry)
        const { values } = openDisclosures(clear.digests, content!.disclosures)
        const keys = new Set([...searchKeys(clear, values), ...laterSearchKeys(clear, values)])
        if (erased.has(index)) keys.add(`${searchKinds.is}erased`)
        known.push({ at: microseconds(clear.occurredAt), log, index, id, tenant, keys })
      }
  }
  return known
}

const actions = ['case.create', 'case.update', 'case.delete', 'file.read', 'case.file.read']
const texts = ['Mara Lind', 'rechnung', 'Müller', 'c_1', 'open']

export function anyEvent(random: Random, i: number): EventInput & { action: string } {
  const pick = <T>(all: readonly T[]): T => all[random.below(all.length)]!
  return {
    id: `event-${i}`,
    tenant: pick(['acme', 'acme', 'other']),
    action: pick(actions),
    actor: { type: 'user', id: `u_${random.below(5)}`, name: pick(texts) },
    target: `${pick(['case', 'file'])}/c_${random.below(20)}`,
    outcome: pick(['success', 'success', 'denied', 'failure']),
    // Mostly in order, sometimes late, often the same.
    occurredAt: Date.UTC(2026, 0, 1) + Math.floor(i / 3) * 1000 - (random.below(20) === 0 ? random.below(1e8) : 0),
    ...(random.below(3) === 0 && { context: { ip: `10.0.${random.below(3)}.${random.below(4)}` } }),
    ...(random.below(3) === 0 && { details: { note: pick(texts), n: random.below(4) } }),
    ...(random.below(4) === 0 && { changes: [{ path: `/${pick(texts)}`, op: 'add', new: pick(texts) }] }),
  }
}

export function anyQuery(random: Random, known: readonly Known[]): ListQuery {
  const pick = <T>(all: readonly T[]): T => all[random.below(all.length)]!
  const anyMatch = (): KeyMatch => {
    const key = random.below(8) === 0 ? `${word}${wordsIn(pick(texts))[0]}x` : pick([...pick(known).keys])
    if (random.below(4) > 0) return { key }
    return random.below(2) === 0
      ? { prefix: key.slice(0, 1 + random.below(4)).toWellFormed() }
      : { from: key, to: `${key}~` }
  }
  const conditions = Array.from({ length: random.below(4) }, () => ({
    any: Array.from({ length: 1 + random.below(2) }, anyMatch),
    not: random.below(4) === 0,
  }))
  const [a, b] = [pick(known).at, pick(known).at]
  return {
    conditions,
    order: 'time',
    descending: random.below(2) === 0,
    limit: 1000,
    ...(random.below(2) === 0 && { tenant: pick(known).tenant }),
    ...(random.below(3) === 0 && { since: Math.min(a, b) }),
    ...(random.below(3) === 0 && { until: Math.max(a, b) + 1 }),
  }
}
