/** A store by address lives in a thread: it gives what it gives without, and its death costs nothing acknowledged. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { verifyStore } from '../../src/evidence/index.ts'
import { createAudit } from '../../src/index.ts'
import { openKey } from '../../src/sequencer/key-file.ts'
import { postgres } from '../../src/store/postgres/index.ts'
import { threadLimits } from '../../src/thread/limits.ts'
import { newStoreDatabase, type StoreDatabase } from './store-database.ts'

let database: StoreDatabase
const data = mkdtempSync(join(tmpdir(), 'auditproof-threaded-'))
beforeAll(async () => {
  database = await newStoreDatabase()
})
afterAll(async () => {
  await database.drop()
  rmSync(data, { recursive: true, force: true })
})

// A worker that has ended has no name any more.
const workers: { name: string; worker: Worker }[] = []
const seen = (worker: Worker): number => workers.push({ name: worker.threadName!, worker })
beforeEach(() => {
  workers.length = 0
  process.on('worker', seen)
})
afterEach(() => void process.off('worker', seen))
const storeThreads = (): Worker[] =>
  workers.filter(({ name }) => name === 'auditproof-postgres').map(({ worker }) => worker)

test('what it gives and throws crosses the thread', async () => {
  await using audit = createAudit({ data, store: database.appUrl })
  const ack = await audit.record('case.open', { id: 'c1', details: { note: 'x' } })
  expect(ack).toMatchObject({ id: 'c1', state: 'stored', index: 0 })
  await audit.publish()
  const { store } = await audit.opened()
  const { log, published } = (await store.headOf('default'))!
  expect(published?.size).toBe(1)
  const [entry] = await store.entries(log, 0, 9)
  expect(Buffer.from(entry!.leafHash).toString('hex')).toBe(ack.leafHash)
  expect((await audit.list({ action: 'case.open' })).events.map(({ id }) => id)).toEqual(['c1'])
  await expect(store.tile(log, 0, 0, 2)).rejects.toMatchObject({ name: 'AuditError', code: 'not_found' })
  await expect(audit.record('case.open', { id: 'c1', outcome: 'denied' })).rejects.toMatchObject({
    code: 'id_conflict',
  })
  await audit.close()
  await expect(store.heads()).rejects.toMatchObject({ code: 'closed' })
  expect(store.watch(() => {}).isLive).toBe(false)
})

test('is not opened where the database has another store than the key is of, or no schema', async () => {
  const other = mkdtempSync(join(tmpdir(), 'auditproof-other-'))
  const audit = createAudit({ data: other, store: postgres(database.appUrl), origin: 'other.example' })
  await expect(audit.ready()).rejects.toMatchObject({ code: 'key_missing' })
  await audit.close()
  rmSync(other, { recursive: true, force: true })
})

test('loses nothing acknowledged, however often its thread dies; the ids settle what was under way', async () => {
  const audit = createAudit({ data, store: database.appUrl })
  await audit.ready()
  const acks = new Map<string, number>()
  const codes = new Set<string>()
  let [ids, stop] = [0, false]
  const caller = async (): Promise<void> => {
    while (!stop) {
      const id = `k-${ids++}`
      while (!acks.has(id))
        await audit.record('case.update', { id, tenant: 'killed' }).then(
          ({ index }) => acks.set(id, index!),
          ({ code }: { code: string }) => codes.add(code),
        )
    }
  }
  const callers = Promise.all(Array.from({ length: 16 }, caller))
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, threadLimits.restartIntervalMs + 100))
    await storeThreads().at(-1)!.terminate()
  }
  await expect.poll(() => storeThreads().length).toBe(4)
  stop = true
  await callers
  await audit.publish()
  const { store, signer } = await audit.opened()
  const { log, size } = (await store.headOf('killed'))!
  const stored = new Map<string, number>()
  for (let from = 0; from < size; from += 1_000)
    for (const { id, index } of await store.entries(log, from, from + 1_000)) stored.set(id, index)
  expect(stored.size).toBe(size)
  expect(Object.fromEntries(acks)).toEqual(Object.fromEntries(stored))
  expect([...codes]).toContain('outcome_unknown')
  const report = await verifyStore(store, { key: openKey(data, undefined).vkey, signerStates: await signer!.states() })
  expect(report.verdict).toBe('verified')
  await audit.close()
})
