import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyReceipt } from '../../src/verify/index.ts'
import { openHere, post, jsonOf, type Here } from './app.ts'

let here: Here
let request: (path: string, init?: RequestInit) => Promise<Response>
beforeAll(() => {
  here = openHere()
  request = async (path, init = {}) =>
    here.app.request(path, { ...init, headers: { ...here.bearer, ...(init.headers as object) } })
})
afterAll(() => here.audit.close())

const send = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  request('/api/v1/events', post(body, headers))

interface ErrorBody {
  error: { code: string; message: string; hint?: string; id: string }
}

test('says where a body stops being JSON, and of a short one no more than is known', async () => {
  const said = async (body: string): Promise<string> => {
    const { error }: ErrorBody = await jsonOf(await request('/api/v1/events', { ...post({}, {}), body }))
    return error.message
  }
  expect(await said('{"action":')).toBe('The body is not JSON: it ends too early.')
  expect(await said('{"a":tru}')).toBe('The body is not JSON.')
  expect(await said(`{"a":"${'x'.repeat(100)}",}`)).toMatch(/: at character \d+\.$/)
})

test('one event: 201 and its ack; the same again: the old place', async () => {
  const event = { id: 'one', action: 'case.update', actor: 'user/u_7', target: 'case/c_12' }
  const first = await send(event)
  const ack: { index: number } = await jsonOf(first)
  expect([first.status, ack]).toEqual([201, expect.objectContaining({ id: 'one', tenant: 'default', state: 'stored' })])
  expect(await jsonOf(await send(event))).toMatchObject({ index: ack.index, duplicate: true })
  const conflict = await send({ ...event, action: 'case.delete' })
  expect([conflict.status, await jsonOf(conflict)]).toEqual([
    409,
    { error: expect.objectContaining({ code: 'id_conflict' }) as object },
  ])
})

test('an array: 201 and the acks in order when all are stored, 207 with errors in their places when some are', async () => {
  const all = await send([
    { id: 'm1', action: 'a.b' },
    { id: 'm2', action: 'a.b', tenant: 'other' },
  ])
  expect([all.status, await jsonOf(all)]).toEqual([
    201,
    [expect.objectContaining({ id: 'm1' }), expect.objectContaining({ id: 'm2', tenant: 'other' })],
  ])
  const some = await send([{ id: 'm3', action: 'a.b' }, 5, { actor: 'user/u_7' }])
  const results: (ErrorBody | { id: string })[] = await jsonOf(some)
  expect(some.status).toBe(207)
  expect(results[0]).toMatchObject({ id: 'm3' })
  expect(results[1]).toMatchObject({
    error: { code: 'input_malformed', message: expect.stringContaining('Element 1') as string },
  })
  expect(results[2]).toMatchObject({ error: { message: expect.stringContaining('/action is missing') as string } })
  expect((await send([1, 2])).status).toBe(400)
  expect((await send([])).status).toBe(400)
  expect((await send(Array.from({ length: 1_001 }, () => ({ action: 'a.b' })))).status).toBe(413)
})

const malformed: [name: string, status: number, body: string | Uint8Array, headers?: Record<string, string>][] = [
  ['nothing', 400, ''],
  ['no JSON', 400, '{"action":'],
  ['two values', 400, '{} {}'],
  ['a string', 400, '"case.update"'],
  ['no action', 400, '{"actor":"user/u_7"}'],
  ['no UTF-8', 400, new Uint8Array([0x7b, 0xff, 0x7d])],
  ['depth that is costly to parse', 400, '['.repeat(4_000_000)],
  ['9 MiB', 413, `{"action":"a.b","details":{"x":"${'x'.repeat(9 * 1024 * 1024)}"}}`],
  ['a form', 415, 'action=a.b', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['something compressed', 415, gzipSync('{"action":"a.b"}'), { 'content-encoding': 'gzip' }],
]

test.each(malformed)('refuses %s with %i', async (_name, status, body, headers) => {
  const began = performance.now()
  const response = await send(body, headers)
  const { error }: ErrorBody = await jsonOf(response)
  expect(response.status).toBe(status)
  expect(error.id).toMatch(/^[0-9a-f]{16}$/)
  expect(error.hint).toBeDefined()
  expect(performance.now() - began).toBeLessThan(1_000)
})

test('hostile members are kept and harm nothing; numbers beyond 2^53 stay what they were', async () => {
  const response = await send(
    '{"id":"h1","action":"a.b","__proto__":{"polluted":1},"details":{"n":12345678901234567890,"constructor":{"prototype":{"polluted":1}}}}',
  )
  expect(response.status).toBe(201)
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
  expect(await jsonOf(await request('/api/v1/events/h1'))).toMatchObject({ details: { n: '12345678901234567890' } })
})

test('a list is filtered, pages by its cursor, and refuses what it does not know', async () => {
  for (let i = 0; i < 7; i++)
    await send({ id: `l${i}`, action: 'list.item', tenant: 'listed', actor: `user/u_${i % 2}` })
  const first: { events: { id: string }[]; next: string } = await jsonOf(
    await request('/api/v1/events?tenant=listed&limit=4'),
  )
  expect(first.events.map(({ id }) => id)).toEqual(['l6', 'l5', 'l4', 'l3'])
  const rest: typeof first = await jsonOf(await request(`/api/v1/events?tenant=listed&cursor=${first.next}&limit=4`))
  expect(rest.events.map(({ id }) => id)).toEqual(['l2', 'l1', 'l0'])
  expect(rest.next).toBeUndefined()
  const byActor: typeof first = await jsonOf(await request('/api/v1/events?tenant=listed&actor=user/u_1'))
  expect(byActor.events.map(({ id }) => id)).toEqual(['l5', 'l3', 'l1'])
  const wrong = await Promise.all(
    [
      'acton=x',
      'outcome=sucess',
      'since=gestern',
      'limit=many',
      'cursor=abc',
      'tenant=a&tenant=b',
      'cursor=' + first.next + '&tenant=other',
      // Another list than the cursor is of, and one tenant's trail must not come without being named.
      'cursor=' + first.next,
      'order=size',
      'order=index', // of all tenants there is none
      'direction=up',
    ].map((query) => request(`/api/v1/events?${query}`)),
  )
  expect(wrong.map(({ status }) => status)).toEqual(wrong.map(() => 400))
  expect((await request('/api/v1/events/l1?tenant=listed&expand=all')).status).toBe(400)
})

test('a list comes by when it happened or by index, newest or oldest first, and its cursor keeps that', async () => {
  for (const [id, day] of [
    ['d0', 3],
    ['d1', 1],
    ['d2', 2],
  ])
    await send({ id, action: 'list.day', tenant: 'ordered', occurredAt: `2026-01-0${day}T00:00:00Z` })
  const ids = async (query: string): Promise<string[]> => {
    const { events }: { events: { id: string }[] } = await jsonOf(
      await request(`/api/v1/events?tenant=ordered&${query}`),
    )
    return events.map(({ id }) => id)
  }
  expect(await ids('')).toEqual(['d0', 'd2', 'd1'])
  expect(await ids('direction=asc')).toEqual(['d1', 'd2', 'd0'])
  expect(await ids('order=index')).toEqual(['d2', 'd1', 'd0'])
  expect(await ids('order=index&direction=asc')).toEqual(['d0', 'd1', 'd2'])
  const { next }: { next: string } = await jsonOf(
    await request('/api/v1/events?tenant=ordered&order=index&direction=asc&limit=2'),
  )
  expect(await ids(`cursor=${next}`)).toEqual(['d2'])
})

test('what is wrong in a search is told with its place', async () => {
  const { error }: ErrorBody & { error: { place?: unknown } } = await jsonOf(
    await request(`/api/v1/events?q=${encodeURIComponent('fix actr:u_7')}`),
  )
  expect(error).toMatchObject({ code: 'usage', place: { offset: 4, piece: 'actr:u_7' } })
})

test('a survey counts, says of what and when, and whether that is all', async () => {
  for (let i = 0; i < 5; i++)
    await send({ action: `survey.${i % 2 === 0 ? 'even' : 'odd'}`, tenant: 'surveyed', actor: 'user/u_1' })
  expect(
    await jsonOf(await request('/api/v1/survey?tenant=surveyed&since=1d&q=actor:user/u_1&facets=action,actor&bins=10')),
  ).toMatchObject({
    count: 5,
    complete: true,
    facets: {
      action: [
        { value: 'survey.even', count: 3 },
        { value: 'survey.odd', count: 2 },
      ],
      actor: [{ value: 'user/u_1', count: 5 }],
    },
    histogram: expect.objectContaining({ length: 10 }) as object,
  })
  expect(await jsonOf(await request('/api/v1/survey?tenant=surveyed&bins=10'))).toMatchObject({
    count: 5,
    histogram: [],
  })
  for (const query of ['facets=tenant', 'facets=', 'bins=401', 'bins=x', 'limit=5', 'q=actr:x'])
    expect((await request(`/api/v1/survey?${query}`)).status, query).toBe(query === 'facets=' ? 200 : 400)
})

test('an event by id; in several tenants only with the tenant', async () => {
  await send([
    { id: 'same', action: 'a.b', tenant: 't1' },
    { id: 'same', action: 'a.b', tenant: 't2' },
  ])
  expect((await request('/api/v1/events/same')).status).toBe(400)
  expect(await jsonOf(await request('/api/v1/events/same?tenant=t2'))).toMatchObject({ id: 'same', tenant: 't2' })
  expect((await request('/api/v1/events/nope')).status).toBe(404)
})

test('a receipt is a download that verifies, published when it has to be', async () => {
  await send({ id: 'r1', action: 'a.b' })
  const response = await request('/api/v1/events/r1/receipt')
  expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="r1.tlog-proof"')
  const { signer } = await here.audit.opened()
  expect(await verifyReceipt(await response.text(), { key: signer!.vkey })).toMatchObject({
    verdict: 'verified',
    event: { id: 'r1' },
  })
})

test.each([
  '/api/v1/events',
  '/api/v1/events.csv',
  '/api/v1/survey',
  '/api/v1/events/r1',
  '/api/v1/events/r1/receipt',
  '/logs/meta/checkpoint',
  '/logs/meta/tile/0/000.p/1',
])('%s needs the key', async (path) => {
  for (const headers of [
    {},
    { authorization: 'Bearer ' },
    { authorization: `Bearer ${'0'.repeat(64)}` },
    { authorization: `Basic ${here.key}` },
  ]) {
    const response = await here.app.request(path, { headers })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect(await jsonOf(response)).toMatchObject({ error: { code: 'unauthorized' } })
  }
  const session = { cookie: (await logIn()).split(';')[0]! }
  expect((await here.app.request(path, { headers: session })).status).toBe(401)
})

async function logIn(): Promise<string> {
  const response = await here.app.request('/login', { method: 'POST', body: new URLSearchParams({ key: here.key }) })
  return response.headers.get('set-cookie')!
}
