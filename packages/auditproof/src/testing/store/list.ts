import type { EventInput } from '../../event/index.ts'
import type { ListPosition, ListQuery, ListRow, Store } from '../../store/store.ts'
import type { Claims } from '../harness.ts'
import { appendAll } from './whole-log.ts'

export function listClaims(claims: Claims): void {
  const { claim, expect } = claims

  async function listAll(
    store: Store,
    query: Omit<ListQuery, 'limit'>,
    limit: number,
    between?: () => Promise<unknown>,
  ): Promise<ListRow[]> {
    const rows: ListRow[] = []
    let before: ListPosition | undefined
    do {
      const page = await store.list({ ...query, limit, ...(before && { before }) })
      expect(page.rows.length <= limit).toBe(true)
      rows.push(...page.rows)
      before = page.next
      await between?.()
    } while (before !== undefined)
    return rows
  }
  const idsOf = (rows: ListRow[]): string[] => rows.map(({ id }) => id)

  claim('shows one tenant newest index first, with its summaries', async ({ store, events }) => {
    await appendAll(store, [...events.makeMany(5), ...events.makeMany(5, { tenant: 'other' })])
    const { rows, next } = await store.list({ tenant: 'acme', limit: 10 })
    expect(rows.map(({ index, tenant }) => [index, tenant])).toEqual([4, 3, 2, 1, 0].map((index) => [index, 'acme']))
    expect(next).toBe(undefined)
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
    expect(await store.list({ tenant: 'nobody', limit: 10 })).toMatchObject({ rows: [], next: undefined })
  })

  claim('shows all tenants, newest first, without the logs of the store itself', async ({ store, events, sources }) => {
    for (const tenant of ['b', 'a', 'b', 'a', 'c']) {
      await appendAll(store, [events.make({ tenant })])
      sources.ms += 1000
      await new Promise((resolve) => setTimeout(resolve, 2)) // for drivers with a clock of their own
    }
    // What names no tenant is shown: nobody would look for it.
    await appendAll(store, [events.make({ tenant: '_unassigned' })])
    for (const limit of [1, 2, 100]) {
      const rows = await listAll(store, {}, limit)
      expect(idsOf(rows)).toEqual(['event-5', 'event-4', 'event-3', 'event-2', 'event-1', 'event-0'])
      expect(rows[0]?.tenant).toBe('_unassigned')
    }
  })

  claim('goes on at its position through events of the same time', async ({ store, events }) => {
    const tenants = ['a', 'b', 'c']
    await appendAll(
      store,
      Array.from({ length: 60 }, (_, i) => events.make({ tenant: tenants[i % 3]! })),
    )
    const whole = idsOf(await listAll(store, {}, 1000))
    expect(whole.toSorted()).toEqual(Array.from({ length: 60 }, (_, i) => `event-${i}`).toSorted())
    for (const limit of [1, 7, 20, 60]) expect(idsOf(await listAll(store, {}, limit))).toEqual(whole)
  })

  claim('neither repeats nor skips while events are appended', async ({ store, second, events, random }) => {
    await appendAll(store, events.makeMany(100))
    const [old, other] = [idsOf(await listAll(store, { tenant: 'acme' }, 1000)), await second()]
    for (const tenant of ['acme', undefined]) {
      const query = tenant === undefined ? {} : { tenant }
      const before = new Set(idsOf(await listAll(store, query, 1000)))
      const between = (): Promise<unknown> => appendAll(other, events.makeMany(1 + random.below(5)))
      const seen = idsOf(await listAll(store, query, 9, between))
      expect(new Set(seen).size).toBe(seen.length)
      expect(seen.filter((id) => before.has(id)).length).toBe(before.size)
      expect(old.every((id) => seen.includes(id))).toBe(true)
    }
  })

  const given: (EventInput & { action?: string })[] = [
    { id: 'e0', action: 'case.create', actor: 'user/u_1', target: 'case/c_1', occurredAt: '2026-03-01T00:00:00Z' },
    { id: 'e1', action: 'case.update', actor: 'user/u_2', target: 'case/c_1', occurredAt: '2026-03-01T00:00:00.5Z' },
    {
      id: 'e2',
      action: 'cases.read',
      actor: 'user/u_1',
      target: 'file/507',
      occurredAt: '2026-03-02T00:00:00Z',
      outcome: 'denied',
    },
    {
      id: 'e3',
      action: 'case.delete',
      actor: 'service/cron',
      target: 'case/c_12',
      occurredAt: '2026-02-01T00:00:00Z',
      outcome: 'failure',
    },
    { id: 'e4', action: 'case', actor: 'user/u_1', target: 'file/50%_', occurredAt: '2026-03-01T00:00:01Z' },
    {
      id: 'e5',
      action: 'case_x.update',
      actor: 'user/u_1',
      target: 'file/🗃507',
      occurredAt: '2026-03-01T00:00:00.000Z',
    },
  ]
  const filters: [Omit<ListQuery, 'limit' | 'before'>, string[]][] = [
    [{}, ['e5', 'e4', 'e3', 'e2', 'e1', 'e0']],
    [{ action: 'case.update' }, ['e1']],
    [{ action: 'case.*' }, ['e3', 'e1', 'e0']],
    [{ action: 'case*' }, ['e5', 'e4', 'e3', 'e2', 'e1', 'e0']],
    [{ action: 'case_*' }, ['e5']],
    [{ action: '*' }, ['e5', 'e4', 'e3', 'e2', 'e1', 'e0']],
    [{ action: 'CASE.*' }, []],
    [{ action: '%' }, []],
    [{ actor: 'user/u_1' }, ['e5', 'e4', 'e2', 'e0']],
    [{ actor: 'user/*' }, ['e5', 'e4', 'e2', 'e1', 'e0']],
    [{ actor: 'USER/*' }, []],
    [{ target: 'case/c_1' }, ['e1', 'e0']],
    [{ target: 'case/c_1*' }, ['e3', 'e1', 'e0']],
    [{ target: 'file/🗃*' }, ['e5']],
    [{ target: 'file/50%_' }, ['e4']],
    [{ outcome: 'denied' }, ['e2']],
    [{ outcome: 'unknown' }, []],
    [{ actor: 'user/u_1', target: 'case/c_1', outcome: 'success', action: 'case.*' }, ['e0']],
    [{ since: '2026-03-01T00:00:01Z' }, ['e4', 'e2']],
    [{ until: '2026-03-01T00:00:00Z' }, ['e3']],
    [{ since: '2026-03-01T00:00:00Z', until: '2026-03-01T00:00:01Z' }, ['e5', 'e1', 'e0']],
    [{ since: '2026-03-01T00:00:00.000Z', until: '2026-03-01T00:00:01.000Z' }, ['e5', 'e1', 'e0']],
    [{ since: '2026-03-01T00:00:00.500000Z', until: '2026-03-01T00:00:00.500001Z' }, ['e1']],
  ]
  claim('shows what every filter lets through, and nothing else', async ({ store, events }) => {
    for (const event of given) await appendAll(store, [events.make(event)])
    for (const [filter, ids] of filters)
      for (const limit of [1, 2, 100]) {
        const message = `${JSON.stringify(filter)} by ${limit}`
        expect(idsOf(await listAll(store, { ...filter, tenant: 'acme' }, limit)), message).toEqual(ids)
        expect(idsOf(await listAll(store, filter, limit)).toSorted(), `${message}, all tenants`).toEqual(ids.toSorted())
      }
  })
}
