/** Appends that overlap, on several connections, some of which are cut while they commit: in the order of the calls, once. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { AuditError } from '../../src/errors.ts'
import { postgresStore } from '../../src/store/postgres/index.ts'
import type { Store } from '../../src/store/store.ts'
import { EventMaker } from '../../src/testing/event-maker.ts'
import { TestSources } from '../../src/testing/test-sources.ts'
import { tries } from '../effort.ts'
import { newSeed, seededRandom } from '../faults/harness.ts'
import { startProxy, type Proxy } from './proxy.ts'
import { newStoreDatabase, type StoreDatabase } from './store-database.ts'
import { storedIn } from './stored.ts'

const batches = tries(1_000, 150)

let database: StoreDatabase
let proxy: Proxy
const stores: Store[] = []
beforeAll(async () => {
  database = await newStoreDatabase()
  proxy = await startProxy(Number(new URL(inject('postgresUrl')).port))
})
afterAll(async () => {
  for (const store of stores) await store.close()
  await proxy.close()
  await database.drop()
})
async function opened(): Promise<Store> {
  const store = await postgresStore({ database: proxy.through(database.appUrl), name: 'overlapping' })
  stores.push(store)
  return store
}

const seed = newSeed()
const random = seededRandom(seed)
const maker = new EventMaker(new TestSources())
const newBatch = (): { tenant: string; ids: string[]; texts: string[] } => {
  const tenant = `t${Math.floor(random() * 3)}`
  const events = Array.from({ length: 1 + Math.floor(random() * 4) }, () => maker.makeSmall(tenant))
  return { tenant, ids: events.map(({ id }) => id), texts: events.map((event) => JSON.stringify(event)) }
}

test(`${batches} appends of two processes, none waited for: each process has its indexes in the order of its calls`, async () => {
  const both = [await opened(), await opened()]
  const indexes = both.map(() => new Map<string, number[]>())
  const answers = both.map((): number[] => [])
  const call = async (n: number): Promise<void> => {
    const which = n % 2
    const { tenant, texts } = newBatch()
    const outcomes = await both[which]!.append(texts)
    answers[which]!.push(n)
    const line = indexes[which]!.get(tenant) ?? []
    indexes[which]!.set(tenant, line)
    for (const outcome of outcomes) line.push(outcome.state === 'stored' ? outcome.index : -1)
  }
  await Promise.all(Array.from({ length: batches }, (_, n) => call(n)))
  for (const [which, byTenant] of indexes.entries()) {
    expect(answers[which]).toEqual(answers[which]!.toSorted((a, b) => a - b))
    for (const line of byTenant.values())
      expect(line, `AUDITPROOF_SEED=${seed}`).toEqual(line.toSorted((a, b) => a - b))
  }
  expect((await storedIn(both[0]!)).problems).toEqual([])
})

test('whose commits are lost on the way, and which are made again: each event once, each answer true', async () => {
  const store = await opened()
  proxy.whenCommit(() => (random() >= 0.2 ? 'pass' : random() < 0.6 ? 'lose-reply' : 'lose-request'))
  const places = new Map<string, number>()
  const codes = new Set<string>()
  await Promise.all(
    Array.from({ length: batches }, async () => {
      const { ids, texts } = newBatch()
      for (;;)
        try {
          const outcomes = await store.append(texts)
          for (const [i, outcome] of outcomes.entries())
            if (outcome.state === 'stored') places.set(ids[i]!, outcome.index)
          return
        } catch (error) {
          codes.add((error as AuditError).code)
        }
    }),
  )
  proxy.whenCommit(() => 'pass')
  const { events, problems } = await storedIn(store)
  expect(problems, `AUDITPROOF_SEED=${seed}`).toEqual([])
  for (const [id, index] of places) expect(events.get(id)?.index, id).toBe(index)
  expect([...codes]).toEqual(['outcome_unknown'])
  expect(proxy.counts['lose-reply']).toBeGreaterThan(3)
})
