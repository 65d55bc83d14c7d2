/** The whole list as CSV: as many rows as the list has, and never a short file that looks whole. */
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonOf } from './app.ts'
import { bearer, startServer, temporaryData, type Served } from './served.ts'

const { data, remove } = temporaryData()
const total = 1_234
let here: Served
beforeAll(async () => {
  here = await startServer(data)
  await Promise.all(
    Array.from({ length: total }, (_, i) =>
      here.audit.record('csv.row', { id: `r${i}`, tenant: 'table', reason: '=cmd()', actor: `user/u_${i % 3}` }),
    ),
  )
})
afterAll(async () => {
  await here.stop()
  remove()
})

const get = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${here.url}${path}`, { headers: bearer, ...init })

/** Also of lists that are longer than a page. */
async function listed(query: string): Promise<string[]> {
  const ids: string[] = []
  for (let cursor = ''; ;) {
    const page: { events: { id: string }[]; next?: string } = await jsonOf(
      await get(`/api/v1/events?${query}&limit=1000&cursor=${cursor}`),
    )
    ids.push(...page.events.map(({ id }) => id))
    if (page.next === undefined) return ids
    cursor = page.next
  }
}

test('it has the ids of the list, all of them, in its order', async () => {
  for (const query of [
    'tenant=table',
    'tenant=table&q=actor:user/u_1',
    'tenant=table&order=index&direction=asc',
    'q=csv.row',
  ]) {
    const response = await get(`/api/v1/events.csv?${query}`)
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/csv; charset=utf-8; header=present',
    ])
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="events-\d{4}-\d\d-\d\d\.csv"$/)
    const rows: { id: string; reason: string }[] = parse(await response.text(), { columns: true })
    expect(
      rows.map(({ id }) => id),
      query,
    ).toEqual(await listed(query))
    expect(rows.length).toBeGreaterThan(400)
    expect(rows[0]!.reason).toBe("'=cmd()")
  }
})

test('what is wrong is an answer like any other, and HEAD has no body', async () => {
  expect((await get('/api/v1/events.csv?limit=5')).status).toBe(400)
  expect((await get('/api/v1/events.csv?q=actr:x')).status).toBe(400)
  const head = await get('/api/v1/events.csv?tenant=table', { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
})

test('a failure in the middle breaks the download off, tells nothing of its cause, and is reported', async () => {
  const { store } = await here.audit.opened()
  const list = store.list.bind(store)
  let pages = 0
  store.list = (query) => (++pages === 4 ? Promise.reject(new Error('SQLITE_IOERR')) : list(query))
  const response = await get('/api/v1/events.csv?tenant=table')
  expect(response.status).toBe(200)
  let text = ''
  const reading = (async () => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) text += chunk
  })()
  await expect(reading).rejects.toThrow()
  store.list = list
  expect(text.split('\r\n').length).toBeGreaterThan(100)
  expect(text).not.toContain('SQLITE')
  expect(here.failures).toMatchObject([{ error: { message: 'SQLITE_IOERR' } }])
})

test('the page offers it to who is logged in, with the mark that spreadsheets need', async () => {
  const login = await fetch(`${here.url}/login`, {
    method: 'POST',
    body: new URLSearchParams({ key: 'a'.repeat(64) }),
    redirect: 'manual',
  })
  const cookie = login.headers.get('set-cookie')!.split(';')[0]!
  const bytes = new Uint8Array(
    await (await get('/events.csv?tenant=table&q=u_1', { headers: { cookie } })).arrayBuffer(),
  )
  expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
  expect((await get('/events.csv', { headers: {} })).status).toBe(401)
})
