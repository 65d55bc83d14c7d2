/**
 * Many connections write to the same logs, commit late and out of order, and roll back: indexes are dense, and who follows
 * gets every event once and in order.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAudit, type Audit } from '../../src/audit.ts'
import { postgres } from '../../src/store/postgres/index.ts'
import { tries } from '../effort.ts'
import { newSeed, seededRandom } from '../faults/harness.ts'
import { newStoreDatabase, type StoreDatabase } from './store-database.ts'
import { drained, storedIn, verdictOf } from './stored.ts'

const writers = 8
const each = tries(300, 40)
const tenants = ['t0', 't1', 't2']

let database: StoreDatabase
let data: string
const audits: Audit[] = []
beforeEach(async () => {
  database = await newStoreDatabase()
  data = mkdtempSync(join(tmpdir(), 'auditproof-writers-'))
})
afterEach(async () => {
  for (const audit of audits.splice(0)) await audit.close()
  await database.drop()
  rmSync(data, { recursive: true })
})
function opened(options: NonNullable<Parameters<typeof createAudit>[0]> = {}): Audit {
  const audit = createAudit({ data, store: database.appUrl, ...options })
  audits.push(audit)
  return audit
}

class Reconsidered extends Error {}

test(`${writers} writers, ${each} transactions each that end when they like: dense, and followed once and in order`, async () => {
  const seed = newSeed()
  const random = seededRandom(seed)
  const signing = opened()
  await signing.ready()
  const follower = opened({ signer: false })
  const stop = new AbortController()
  const followed = await Promise.all([{}, ...tenants.map((tenant) => ({ tenant }))].map((wanted) => follow(follower, wanted, stop.signal))) // prettier-ignore
  const committed = new Set<string>()
  await Promise.all(
    Array.from({ length: writers }, async (_, w) => {
      const audit = opened({ store: postgres(database.appUrl, { connections: 2 }), signer: false })
      const pool = new pg.Pool({ connectionString: database.appUrl, max: 8 })
      let next = 0
      const caller = async (): Promise<void> => {
        while (next < each) {
          const id = `w${w}-${next++}`
          const event = { id, tenant: tenants[Math.floor(random() * tenants.length)]! }
          if (random() < 0.3) await audit.record('a.b', event)
          else if (!(await inTransaction(audit, pool, event, random))) continue
          committed.add(id)
        }
      }
      await Promise.all(Array.from({ length: 8 }, caller))
      await pool.end()
    }),
  )
  await drained(database.query)
  const stored = await storedIn((await signing.opened()).store)
  expect(stored.problems, `AUDITPROOF_SEED=${seed}`).toEqual([])
  expect([...stored.events.keys()].sort()).toEqual([...committed].sort())
  await signing.publish()
  for (const [i, { ids, places }] of followed.entries()) {
    const wanted =
      i === 0 ? [...committed] : [...committed].filter((id) => stored.events.get(id)!.tenant === tenants[i - 1])
    await expect.poll(() => ids.length, { timeout: 20_000 }).toBe(wanted.length)
    expect([...ids].sort()).toEqual(wanted.sort())
    expect(places.problems).toEqual([])
  }
  expect(await verdictOf(signing)).toEqual({ verdict: 'verified', problems: [] })
  stop.abort()
})

/** @returns whether it was committed, in up to half a second */
async function inTransaction(
  audit: Audit,
  pool: pg.Pool,
  event: { id: string; tenant: string },
  random: () => number,
): Promise<boolean> {
  const [isLeft, ms] = [random() < 0.25, random() * 500]
  try {
    await audit.transaction(pool, async () => {
      await audit.record('a.b', event)
      await sleep(ms)
      if (isLeft) throw new Reconsidered()
    })
    return true
  } catch (error) {
    if (error instanceof Reconsidered) return false
    throw error
  }
}

interface Followed {
  ids: string[]
  /** Of each tenant every index once, in order. */
  places: { problems: string[] }
}

async function follow(audit: Audit, wanted: { tenant?: string }, signal: AbortSignal): Promise<Followed> {
  const followed: Followed = { ids: [], places: { problems: [] } }
  const next = new Map<string, number>()
  const stream = await audit.follow(wanted, { signal, from: 'beginning' })
  void (async () => {
    for await (const { event, gap } of stream) {
      if (gap !== undefined) followed.places.problems.push(`gap ${JSON.stringify(gap)}`)
      if (event === undefined || event.tenant.startsWith('_')) continue
      const expected = next.get(event.tenant) ?? 0
      if (event.index !== expected)
        followed.places.problems.push(`${event.tenant}: ${event.index} where ${expected} belongs`)
      next.set(event.tenant, event.index + 1)
      followed.ids.push(event.id)
    }
  })()
  return followed
}

test('one process that does not wait gets indexes in the order of its calls, and its acks in that order', async () => {
  const random = seededRandom(newSeed())
  const audit = opened()
  const other = opened({ signer: false })
  await audit.ready()
  const answered = new Map<string, number[]>(tenants.map((tenant) => [tenant, []]))
  const calls: Promise<unknown>[] = []
  for (let n = 0; n < tries(5_000, 1_500); n++) {
    const tenant = tenants[Math.floor(random() * tenants.length)]!
    calls.push(audit.record('a.b', { tenant, details: { n } }).then(({ index }) => answered.get(tenant)!.push(index!)))
    if (n % 40 === 0) calls.push(other.record('a.b', { tenant }))
    if (random() < 0.02) await sleep(random() * 5)
  }
  await Promise.all(calls)
  for (const indexes of answered.values()) {
    expect(indexes.length).toBeGreaterThan(100)
    expect(indexes).toEqual(indexes.toSorted((a, b) => a - b))
    expect(new Set(indexes).size).toBe(indexes.length)
  }
  const order = new Map<string, number>()
  const { store } = await audit.opened()
  for (const { log, tenant, size } of await store.heads())
    for (let from = 0; from < size && !tenant.startsWith('_');)
      for (const entry of await store.entries(log, from, size)) {
        from = entry.index + 1
        const details = JSON.stringify(entry.content!.disclosures)
        const n = Number(/\\?"n\\?":(\d+)/.exec(details)?.[1] ?? -1)
        if (n < 0) continue
        expect(n).toBeGreaterThan(order.get(tenant) ?? -1)
        order.set(tenant, n)
      }
})
