/** The live stream: every event once, in order, whatever happens in between; and nobody pays for the slow. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createAudit } from '../../src/audit.ts'
import { jsonOf } from './app.ts'
import { bearer, loseEntry, startServer, temporaryData } from './served.ts'
import { connected, liveSuite, numbered } from './live-suite.ts'

const { data, ends, follow, here } = liveSuite()

async function recordAll(ids: readonly string[], tenant: string, more: object = {}): Promise<void> {
  await Promise.all(ids.map((id) => here().audit.record('live.item', { id, tenant, ...more })))
}

test('what another process records on the same file arrives, in order, as JSON of one line', async () => {
  const client = await follow('tenant=shared')
  await client.until(connected)
  const other = createAudit({ data })
  for (const id of numbered('s', 30)) await other.record('live.item', { id, tenant: 'shared', reason: 'a\nb\u202e' })
  await other.close()
  await client.until(({ events }) => events.length === 30)
  expect(client.ids).toEqual(numbered('s', 30))
  expect(client.events[0]).toMatchObject({
    event: 'audit',
    data: { tenant: 'shared', index: 0, reason: { text: 'a\nb\u202e' } },
  })
  expect(client.text).not.toContain('\u202e')
})

test('what the store no longer gives is a gap, with its place, and what follows comes', async () => {
  await recordAll(['g0'], 'gaps')
  await recordAll(['g1'], 'gaps')
  await recordAll(['g2'], 'gaps')
  ends.push(await loseEntry(here(), 1))
  const client = await follow('tenant=gaps&from=beginning&q=action:live.item')
  await client.until(({ events }) => events.length === 3)
  expect(client.events.map(({ event }) => event)).toEqual(['audit', 'gap', 'audit'])
  expect(client.events[1]!.data).toEqual({ tenant: 'gaps', from: 1, to: 2, reason: 'missing' })
  const last = await follow('tenant=gaps&last=2')
  await last.until(({ events }) => events.length === 2)
  expect(last.events.map(({ event }) => event)).toEqual(['gap', 'audit'])
})

test('of all tenants events come as they come under a checkpoint', async () => {
  const client = await follow('q=action:live.all')
  await client.until(connected)
  for (const tenant of ['x', 'y', 'x']) await here().audit.record('live.all', { tenant })
  await client.until(({ events }) => events.length === 3)
  expect(client.events.map(({ data }) => (data as { tenant: string }).tenant).toSorted()).toEqual(['x', 'x', 'y'])
})

test('a client cut off again and again, and a server that is away, lose nothing and repeat nothing', async () => {
  const own = temporaryData()
  ends.push(own.remove)
  const writer = createAudit({ data: own.data })
  ends.push(() => writer.close())
  const ids = numbered('k', 400)
  const writing = (async () => {
    for (const id of ids) {
      await writer.record('live.item', { id, tenant: 'steady' })
      await sleep(4)
    }
  })()
  const received: string[] = []
  let lastEventId = ''
  let port = 0
  while (received.length < ids.length) {
    const server = await startServer(own.data, { port })
    port = Number(new URL(server.url).port)
    for (let cut = 0; cut < 3 && received.length < ids.length; cut++) {
      const headers = lastEventId === '' ? bearer : { ...bearer, 'last-event-id': lastEventId }
      const client = await follow('tenant=steady&from=beginning', headers, server)
      await client.until(({ events }) => events.length >= 40 || received.length + events.length >= ids.length)
      client.close()
      received.push(...client.ids)
      lastEventId = client.lastEventId
    }
    await server.stop()
    await sleep(100)
  }
  await writing
  expect(received).toEqual(ids)
})

test('the last events come first, then the new ones: each once, none lost in between', async () => {
  await recordAll(numbered('o', 20), 'lasting')
  for (const query of ['tenant=lasting&last=5', 'q=reason:dup&last=5']) {
    const tenant = query.startsWith('tenant') ? 'lasting' : 'dup'
    const base = `${tenant}-${Date.now()}-`
    const ids = numbered(base, 60)
    const writing = (async () => {
      for (const id of ids) await here().audit.record('live.item', { id, tenant, reason: 'dup' })
    })()
    await sleep(20)
    const client = await follow(query)
    await client.until((one) => one.ids.includes(ids.at(-1)!))
    await writing
    const places = client.ids.filter((id) => id.startsWith(base)).map((id) => ids.indexOf(id))
    expect(new Set(client.ids).size).toBe(client.ids.length)
    // Of all tenants also what was older and not yet under a checkpoint comes, after the list: more, never less.
    expect(places.toSorted((a, b) => a - b)).toEqual(ids.map((_, i) => i).slice(Math.min(...places)))
    expect(client.ids.length).toBeGreaterThan(4)
  }
})

test('what is recorded while the last events are being listed comes behind them', async () => {
  await recordAll(['i0'], 'meanwhile')
  const { store } = await here().audit.opened()
  const list = store.list.bind(store)
  store.list = async (query) => {
    store.list = list
    const page = await list(query)
    await recordAll(['i1'], 'meanwhile')
    return page
  }
  const client = await follow('tenant=meanwhile&last=5')
  await client.until(({ events }) => events.length === 2)
  expect(client.ids).toEqual(['i0', 'i1'])
})

test('a filtered stream makes progress while nothing is found: a ping moves the last event id', async () => {
  const client = await follow('tenant=quiet&q=nothingofthekind')
  await client.until(connected)
  const before = client.lastEventId
  await recordAll(numbered('q', 5), 'quiet')
  await client.until(({ text }) => text.includes(': ping'))
  await client.until(({ lastEventId }) => lastEventId !== before)
  const after = await follow('tenant=quiet', { ...bearer, 'last-event-id': client.lastEventId })
  await recordAll(['q-new'], 'quiet')
  await after.until(({ events }) => events.length > 0)
  expect(after.ids).toEqual(['q-new'])
  expect(client.events).toEqual([])
})

test('the filter is that of lists; the header wins over the address; retry is told with jitter', async () => {
  await recordAll(numbered('f', 4), 'filtered', { actor: 'user/u_1' })
  await recordAll(['f-other'], 'filtered', { actor: 'user/u_2', outcome: 'denied' })
  const all = await follow('tenant=filtered&from=beginning&q=-outcome:denied&actor=user/u_1')
  await all.until(({ events }) => events.length === 4)
  expect(all.ids.toSorted()).toEqual(numbered('f', 4))
  const [first, , third] = all.events
  const on = await follow(`tenant=filtered&after=${first!.id}&last=100`, { ...bearer, 'last-event-id': third!.id })
  await on.until(({ ids }) => ids.includes('f-other'))
  expect(on.events).toHaveLength(2)
  const retry = Number(/^retry: (\d+)$/m.exec(on.text)![1])
  expect(retry).toBeGreaterThanOrEqual(2_000)
  expect(retry).toBeLessThanOrEqual(4_000)
})

test('a stream of one tenant holds nothing of another', async () => {
  const [a, b] = await Promise.all([follow('tenant=canary-a&from=beginning'), follow('tenant=canary-b&last=50')])
  for (let i = 0; i < 20; i++)
    for (const [tenant, secret] of [
      ['canary-a', 'AAAsecretAAA'],
      ['canary-b', 'BBBsecretBBB'],
    ] as const)
      await here().audit.record('live.item', { id: `c${i}`, tenant, reason: secret, actor: `user/${secret}` })
  await Promise.all([a, b].map((client) => client.until(({ events }) => events.length >= 20)))
  expect([a.text.includes('BBB'), a.text.includes('canary-b')]).toEqual([false, false])
  expect([b.text.includes('AAA'), b.text.includes('canary-a')]).toEqual([false, false])
  const foreign = await fetch(`${here().url}/api/v1/live?tenant=canary-a`, {
    headers: { ...bearer, 'last-event-id': b.lastEventId },
  })
  expect(foreign.status).toBe(400)
})

test('what is wrong before it begins is an answer like any other, with a code and an id', async () => {
  await recordAll(['w0', 'w1'], 'wrong')
  const good = await follow('tenant=wrong&from=beginning')
  await good.until(({ events }) => events.length === 2)
  const cursor = good.lastEventId
  const flipped = cursor.slice(0, 9) + (cursor[9] === 'A' ? 'B' : 'A') + cursor.slice(10)
  const cases: [query: string, headers: { [name: string]: string }, status: number, code: string][] = [
    ['tenant=wrong', { ...bearer, 'last-event-id': flipped }, 400, 'usage'],
    [`tenant=wrong&after=${flipped}`, bearer, 400, 'usage'],
    ['acton=x', bearer, 400, 'usage'],
    ['q=actr:x', bearer, 400, 'usage'],
    ['from=middle', bearer, 400, 'usage'],
    ['last=101', bearer, 400, 'usage'],
    ['last=5&from=beginning', bearer, 400, 'usage'],
    ['', {}, 401, 'unauthorized'],
    ['', { authorization: `Bearer ${'0'.repeat(64)}` }, 401, 'unauthorized'],
    ['', { ...bearer, origin: 'https://evil.example' }, 403, 'forbidden'],
  ]
  for (const [query, headers, status, code] of cases) {
    const response = await fetch(`${here().url}/api/v1/live?${query}`, { headers })
    const body: { error: { code: string; id: string } } = await jsonOf(response)
    expect([response.status, body.error.code, query]).toEqual([status, code, query])
    expect(body.error.id).toMatch(/^[0-9a-f]{16}$/)
  }
  const head = await fetch(`${here().url}/api/v1/live?tenant=wrong`, { method: 'HEAD', headers: bearer })
  expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
})

test('a cursor of a store that had more is cursor_ahead', async () => {
  const { followers, cursorKey } = await here().audit.opened()
  const { formatFollowCursor } = await import('../../src/reader/follow/position.ts')
  expect(await followers.end({ tenant: 'nowhere' })).toBe(
    formatFollowCursor('nowhere', { row: 0, index: 0 }, cursorKey),
  )
  const ahead = formatFollowCursor('nowhere', { row: 0, index: 7 }, cursorKey)
  const response = await fetch(`${here().url}/api/v1/live?tenant=nowhere&after=${ahead}`, { headers: bearer })
  expect([response.status, await jsonOf(response)]).toEqual([
    409,
    { error: expect.objectContaining({ code: 'cursor_ahead' }) as object },
  ])
})
