/** What a client and a supervisor see while the store fails: a code and an id; never SQL, paths or stacks. */
import { expect, test } from 'vitest'
import { AuditError, errorCodes } from '../../src/errors.ts'
import { problemOf } from '../../src/http/problem.ts'
import { memoryStore } from '../../src/store/memory/index.ts'
import type { Store } from '../../src/store/store.ts'
import { jsonOf, openHere, post } from './app.ts'

const secret = `SQLITE_IOERR: disk I/O error in "INSERT INTO entry" at /var/lib/auditproof/audit.db`

/** A store of which some methods fail as a driver might. */
function failing(error: unknown, methods: readonly (keyof Store)[]): Store {
  const fail = async (): Promise<never> => {
    throw error
  }
  const store = memoryStore({ name: 'failing' })
  return new Proxy(store, {
    get(target, name: keyof Store) {
      if (methods.includes(name)) return fail
      const own: unknown = target[name]
      return typeof own === 'function' ? (own.bind(target) as unknown) : own
    },
  })
}

const everything = ['append', 'headOf', 'find', 'list', 'entries', 'tile', 'keepCheckpoint'] as const

test.each([
  [new AuditError('store_unavailable', secret), 503],
  [new AuditError('disk_full', secret), 507],
  [new AuditError('store_corrupt', secret), 500],
  [new TypeError(secret), 500],
])('%s', async (error, status) => {
  const here = openHere({ store: failing(error, everything) })
  for (const [path, init] of [
    ['/api/v1/events', {}],
    ['/api/v1/events/e1', {}],
    ['/api/v1/events/e1/receipt', {}],
    ['/logs/meta/checkpoint', {}],
  ] as [string, RequestInit][]) {
    const response = await here.app.request(path, { ...init, headers: here.bearer })
    if (response.status === 404) continue // no log yet, which needs no store
    const body = await response.text()
    expect(response.status, path).toBe(status)
    expect(body).not.toMatch(/SQLITE|INSERT|\/var\/lib|at .*\.ts/)
    const { error: told } = JSON.parse(body) as { error: { id: string } }
    expect(here.failures.map(({ id }) => id)).toContain(told.id)
  }
  const sent = await here.app.request('/api/v1/events', post({ action: 'a.b' }, here.bearer))
  expect(sent.status).toBeGreaterThanOrEqual(500)
  expect(await sent.text()).not.toMatch(/SQLITE|INSERT|\/var\/lib/)
  await here.audit.close()
})

test('health: alive always; ready only while the store can be read and events can be stored', async () => {
  const good = openHere()
  await good.audit.record('a.b')
  expect([(await good.app.request('/healthz')).status, (await good.app.request('/readyz')).status]).toEqual([200, 200])
  await good.audit.close()
  const bad = openHere({ store: failing(new AuditError('store_unavailable', secret), everything) })
  const ready = await bad.app.request('/readyz')
  expect([(await bad.app.request('/healthz')).status, ready.status]).toEqual([200, 503])
  expect(await ready.text()).toBe('{"status":"failing"}')
  await bad.audit.close()
})

test('health says failing while a store that can be read stores nothing', async () => {
  const here = openHere({ store: failing(new AuditError('disk_full', secret), ['append']) })
  expect((await here.app.request('/api/v1/events', post({ action: 'a.b' }, here.bearer))).status).toBe(507)
  expect((await here.app.request('/readyz')).status).toBe(503)
  await here.audit.close()
})

test('every error code has a status, and only those about the request carry its message', () => {
  for (const code of errorCodes) {
    const { status, body } = problemOf(new AuditError(code, secret))
    expect(status).toBeGreaterThanOrEqual(400)
    const isTold = [
      'usage',
      'tenant_required',
      'cursor_ahead',
      'input_malformed',
      'tile_malformed',
      'not_found',
      'id_conflict',
    ].includes(code)
    expect(body.error.message === secret, code).toBe(isTold)
  }
})

test('an unknown address is a JSON 404', async () => {
  const here = openHere()
  const response = await here.app.request('/api/v2/events', { headers: here.bearer })
  expect([response.status, await jsonOf(response)]).toEqual([
    404,
    { error: expect.objectContaining({ code: 'not_found' }) as object },
  ])
  await here.audit.close()
})
