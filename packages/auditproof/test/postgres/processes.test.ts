/** Several processes on one database: what one commits the others hear of, and who may not append leaves it to who may. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAudit, type Audit } from '../../src/audit.ts'
import { postgres } from '../../src/store/postgres/index.ts'
import { newStoreDatabase, type StoreDatabase } from './store-database.ts'

let database: StoreDatabase
const data = mkdtempSync(join(tmpdir(), 'auditproof-processes-'))
beforeAll(async () => {
  database = await newStoreDatabase()
})
afterAll(async () => {
  await database.drop()
  rmSync(data, { recursive: true, force: true })
})

const appUrl = (): string => database.appUrl
const audits: Audit[] = []
function opened(options: Parameters<typeof createAudit>[0]): Audit {
  const audit = createAudit({ data, ...options })
  audits.push(audit)
  return audit
}
afterAll(async () => {
  for (const audit of audits) await audit.close()
})

test('what one process commits another one hears of, and follows', async () => {
  const one = opened({ store: appUrl() })
  await one.record('a.b', { tenant: 'heard', id: 'h0' })
  const other = opened({ store: appUrl(), signer: false })
  const { store } = await other.opened()
  let heard = 0
  const watch = store.watch(() => (heard += 1))
  await expect.poll(() => watch.isLive).toBe(true)
  const before = heard
  const stop = new AbortController()
  const following = await other.follow({ tenant: 'heard' }, { signal: stop.signal, from: 'beginning' })
  const ids: string[] = []
  const reading = (async () => {
    for await (const item of following) if ('event' in item) ids.push(item.event!.id)
  })()
  await one.record('a.b', { tenant: 'heard', id: 'h1' })
  await expect.poll(() => heard).toBeGreaterThan(before)
  await expect.poll(() => ids).toEqual(['h0', 'h1'])
  watch.stop()
  stop.abort()
  await reading
})

test('what a process records that may not append is durable at once, and in its log with the others', async () => {
  const sequencing = opened({ store: appUrl() })
  await sequencing.ready()
  const writing = opened({ store: postgres(database.urlOf('writer'), { listen: false }), signer: false })
  const ack = await writing.record('w.x', { tenant: 'left', id: 'w1' })
  expect(ack).toEqual({ id: 'w1', tenant: 'left', state: 'stored' })
  await expect
    .poll(async () => (await sequencing.list({ tenant: 'left' })).events.map(({ id }) => id), { timeout: 10_000 })
    .toEqual(['w1'])
  expect(writing.health()).toMatchObject({ offered: 1, stored: 1, waiting: 0 })
})
