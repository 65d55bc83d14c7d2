/** A network that takes everything and answers nothing: nobody waits for ever, and all is well when it is back. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { createAudit } from '../../src/audit.ts'
import { postgres } from '../../src/store/postgres/index.ts'
import { startProxy, type Proxy } from './proxy.ts'
import { newStoreDatabase, type StoreDatabase } from './store-database.ts'
import { storedIn, verdictOf } from './stored.ts'

let database: StoreDatabase
let proxy: Proxy
let data: string
beforeEach(async () => {
  database = await newStoreDatabase()
  proxy = await startProxy(Number(new URL(inject('postgresUrl')).port))
  data = mkdtempSync(join(tmpdir(), 'auditproof-black-hole-'))
})
afterEach(async () => {
  await proxy.close()
  await database.drop()
  rmSync(data, { recursive: true })
})

const unanswered = { code: expect.stringMatching(/^(outcome_unknown|store_unavailable)$/) as string }

/** Milliseconds; as an application may have that does not know of us, its pool has none of its own. */
const timeouts = { connectTimeoutMs: 1_500, queryTimeoutMs: 2_000 }

test.each(['an address', 'a pool of the application'])(
  'record() comes back, and goes on afterwards: %s',
  async (by) => {
    const url = proxy.through(database.appUrl)
    const pool = new pg.Pool({ connectionString: url, max: 4 })
    pool.on('error', () => {})
    const audit = createAudit({ data, store: postgres(by === 'an address' ? url : pool, timeouts) })
    await audit.record('a.b', { id: 'before' })
    proxy.blackHole(true)
    const began = Date.now()
    await expect(audit.record('a.b', { id: 'meanwhile' })).rejects.toMatchObject(unanswered)
    // By now the connections are new ones, which are not answered either.
    await expect(audit.record('a.b', { id: 'meanwhile' })).rejects.toMatchObject(unanswered)
    expect(Date.now() - began).toBeLessThan(20_000)
    expect(audit.health()).toMatchObject({ status: 'failing' })
    proxy.blackHole(false)
    await expect
      .poll(() => audit.record('a.b', { id: 'meanwhile' }).catch(String), { timeout: 10_000 })
      .toMatchObject({ id: 'meanwhile' })
    const stored = await storedIn((await audit.opened()).store)
    expect([...stored.events.keys()]).toEqual(['before', 'meanwhile'])
    expect(await verdictOf(audit)).toEqual({ verdict: 'verified', problems: [] })
    await audit.close()
    await pool.end()
  },
)

test('close() keeps its deadline, and what it could not do is told', async () => {
  const audit = createAudit({ data, store: postgres(proxy.through(database.appUrl), timeouts) })
  await audit.record('a.b')
  proxy.blackHole(true)
  const left = audit.record('a.b').catch((error: unknown) => error)
  const began = Date.now()
  const report = await audit.close({ timeoutMs: 300 })
  expect(Date.now() - began).toBeLessThan(1_200)
  expect(report).toMatchObject({ unanswered: 1, unclosed: expect.any(String) as string })
  expect(await left).toMatchObject(unanswered)
})

test('an audit that is opened into it says so, and is open when it is back', async () => {
  proxy.blackHole(true)
  const audit = createAudit({ data, store: postgres(proxy.through(database.appUrl), timeouts) })
  await expect(audit.record('a.b')).rejects.toMatchObject(unanswered)
  proxy.blackHole(false)
  await expect
    .poll(() => audit.record('a.b', { id: 'x' }).catch(String), { timeout: 10_000 })
    .toMatchObject({ id: 'x' })
  await audit.close()
})
