/** A search that meets its bound hands out a page that is short or empty, and where to go on: nobody takes it for the end. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAudit, type Audit } from '../../src/index.ts'
import { who, whoLimits } from '../../src/reader/index.ts'
import type { Store } from '../../src/store/store.ts'
import { openHere, type Here } from '../http/app.ts'
import { Workplace } from '../cli/run.ts'

const place = new Workplace()
let audit: Audit
let here: Here

/** In so many logs the two oldest events of a thing lie behind a newer one of something else in each. */
const tenants = 300
beforeAll(async () => {
  audit = createAudit({ data: place.path('auditproof-data'), origin: 'early.example' })
  here = openHere({ audit })
  const day = (month: number, t: number): string => new Date(Date.UTC(2026, month, 1) + t * 1000).toISOString()
  const recorded = Array.from({ length: tenants }, (_, t) => {
    const tenant = `t${t}`
    const old = { tenant, id: `old${t}`, actor: 'user/u_1', occurredAt: day(0, t) }
    return [
      audit.record(t === 1 ? 'case.document.update' : 'case.delete', {
        ...old,
        target: t < 2 ? 'case/c_12' : `case/x${t}`,
      }),
      audit.record('case.read', { tenant, id: `new${t}`, target: `case/y${t}`, occurredAt: day(5, t) }),
    ]
  })
  await Promise.all(recorded.flat())
})
afterAll(async () => {
  await audit.close()
  place[Symbol.dispose]()
})

test('the first page of such a search is empty and goes on: else the others here say nothing', async () => {
  const { events, next } = await audit.list({ target: 'case/c_12' })
  expect([events, typeof next]).toEqual([[], 'string'])
})

test('who finds what ended a thing, and what was done to it before', async () => {
  const { ended, before, complete } = await audit.who('case/c_12')
  expect([ended?.id, before.map(({ id }) => id), complete]).toEqual(['old0', ['old1'], true])
  const { stdout, stderr, code } = await place.here(['who', 'case/c_12'])
  expect([code, stdout]).toEqual([0, expect.stringContaining('case.delete')])
  expect(stderr).not.toContain('Nothing is known')
})

test('who says that it did not look through everything, where that is so', async () => {
  const updates = Array.from({ length: whoLimits.eventsMax + 1 }, (_, i) =>
    audit.record('case.update', { tenant: 't0', target: 'case/long', occurredAt: Date.UTC(2026, 3, 1, 0, i) }),
  )
  const deleted = { tenant: 't0', target: 'case/long', occurredAt: '2026-02-01T00:00:00Z' }
  await Promise.all([...updates, audit.record('case.delete', deleted)])
  const { ended, before, complete } = await audit.who('case/long', { tenant: 't0' })
  expect([ended, before.length, complete]).toEqual([undefined, 5, false])
  const { stderr } = await place.here(['who', 'case/long', '--tenant', 't0'])
  expect(stderr).toContain('Only the newest events were looked through for case/long: an older one may have ended it')
  expect(stderr).toContain('auditproof log --target case/long -n all')
})

test('who ends also where the search finds nothing for ever, and does not call that unknown', async () => {
  const { store, cursorKey } = await audit.opened()
  let pages = 0
  const list: Store['list'] = async () => ({ rows: [], next: { at: -++pages, log: 1, index: 0 }, unindexed: 0 })
  const endless = new Proxy(store, {
    get: (target, name) => (name === 'list' ? list : (Reflect.get(target, name) as () => unknown).bind(target)),
  })
  expect(await who({ store: endless, cursorKey }, 'case/c_12')).toEqual({ before: [], complete: false })
  expect(pages).toBe(whoLimits.pagesMax)
})

test('log has the events, in columns as wide as what stands in them', async () => {
  for (const args of [['-r'], [], ['-n', 'all']]) {
    const { stdout } = await place.here(['log', '--target', 'case/c_12', ...args])
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]!.indexOf('user/u_1'), stdout).toBe(lines[1]!.indexOf('user/u_1'))
    expect(lines[0]!.indexOf('case/c_12'), stdout).toBe(lines[1]!.indexOf('case/c_12'))
  }
})

test('a CSV download and the beginning of a live stream have them too', async () => {
  const get = (path: string): Promise<Response> =>
    Promise.resolve(here.app.request(`http://localhost${path}`, { headers: here.bearer }))
  const csv = await (await get('/api/v1/events.csv?target=case/c_12')).text()
  expect(csv.match(/old\d/g)).toEqual(['old1', 'old0'])
  const live = await get('/api/v1/live?target=case/c_12&last=2')
  const reader = live.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!/old0[^]*old1/.test(text)) {
    const { value, done } = await reader.read()
    expect(done, text).toBe(false)
    text += value
  }
  await reader.cancel()
})

test('the page says that older events are searched next, and there is a way back', async () => {
  const login = await here.app.request('http://localhost/login', {
    method: 'POST',
    headers: { origin: 'http://localhost' },
    body: new URLSearchParams({ key: here.key }),
  })
  const headers = { cookie: login.headers.get('set-cookie')!.split(';')[0]! }
  let path: string | undefined = '/?target=case/c_12'
  const found: string[] = []
  for (let pages = 0; path !== undefined; pages++) {
    const html: string = await (await here.app.request(`http://localhost${path}`, { headers })).text()
    if (pages > 0) expect(html).toContain('>Newest</a>')
    found.push(...[...html.matchAll(/href="\/events\/(old\d)/g)].map(([, id]) => id!))
    path = /id="older" rel="next" href="([^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&')
    if (found.length === 0) expect(html).toContain('Nothing among these events')
    expect(html).not.toContain('No events yet')
  }
  expect([...new Set(found)]).toEqual(['old1', 'old0'])
})
