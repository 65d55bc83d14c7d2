/** Replies that are lost on the way: whoever records again with the same id has one entry. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { createAudit } from '../../src/audit.ts'
import type { AuditError } from '../../src/errors.ts'
import { newSeed, seededRandom } from '../faults/harness.ts'
import { tries } from '../effort.ts'
import { startProxy, type Proxy } from './proxy.ts'
import { newStoreDatabase, type StoreDatabase } from './store-database.ts'
import { compareAcks, storedIn, verdictOf } from './stored.ts'

let database: StoreDatabase
let proxy: Proxy
let data: string
beforeEach(async () => {
  database = await newStoreDatabase()
  proxy = await startProxy(Number(new URL(inject('postgresUrl')).port))
  data = mkdtempSync(join(tmpdir(), 'auditproof-lost-'))
})
afterEach(async () => {
  await proxy.close()
  await database.drop()
  rmSync(data, { recursive: true })
})

const events = tries(1_000, 300)

test(`${events} events, each recorded again until it is acknowledged, are stored once each`, async () => {
  const { problems, codes, verdict } = await recordAll(events)
  expect(problems).toEqual([])
  expect(verdict).toEqual({ verdict: 'verified', problems: [] })
  // A COMMIT was on its way each time.
  expect([...codes.keys()]).toEqual(['outcome_unknown'])
  expect(proxy.counts['lose-reply']).toBeGreaterThan(events / 50)
  expect(proxy.counts['lose-request']).toBeGreaterThan(events / 100)
  console.log('commits:', JSON.stringify(proxy.counts), 'errors of record():', JSON.stringify([...codes]))
})

test('without the constraint that an id is there once, the same finds events stored twice', async () => {
  await database.query(`DO $$ DECLARE one text; BEGIN
    SELECT conname INTO STRICT one FROM pg_constraint
      WHERE conrelid = 'auditproof.entry'::regclass AND contype IN ('u', 'p') AND pg_get_constraintdef(oid) LIKE '%id)';
    EXECUTE format('ALTER TABLE auditproof.entry DROP CONSTRAINT %I', one); END $$`)
  const { problems } = await recordAll(300)
  expect(problems.filter((problem) => problem.endsWith('is stored twice')).length).toBeGreaterThan(0)
})

async function recordAll(count: number): Promise<{
  problems: string[]
  codes: Map<string, number>
  verdict: Awaited<ReturnType<typeof verdictOf>>
}> {
  const seed = newSeed()
  const random = seededRandom(seed)
  const audit = createAudit({ data, store: proxy.through(database.appUrl) })
  await audit.ready()
  proxy.whenCommit(() => (random() >= 0.3 ? 'pass' : random() < 0.6 ? 'lose-reply' : 'lose-request'))
  const codes = new Map<string, number>()
  const attempted = new Set<string>()
  const acknowledged = new Map<string, { tenant: string; index?: number | undefined }>()
  let next = 0
  const caller = async (): Promise<void> => {
    while (next < count) {
      const id = `e${next++}`
      attempted.add(id)
      while (!acknowledged.has(id))
        await audit.record('case.update', { id, tenant: `t${id.length % 3}`, details: { id } }).then(
          ({ tenant, index }) => void acknowledged.set(id, { tenant, index }),
          ({ code }: AuditError) => void codes.set(code, (codes.get(code) ?? 0) + 1),
        )
    }
  }
  await Promise.all(Array.from({ length: 6 }, caller))
  proxy.whenCommit(() => 'pass')
  try {
    const stored = await storedIn((await audit.opened()).store)
    const problems = [...stored.problems, ...compareAcks(stored, attempted, acknowledged)]
    if (stored.events.size !== count) problems.push(`${stored.events.size} events are stored, ${count} were recorded`)
    if (problems.length > 0) console.log(`AUDITPROOF_SEED=${seed}`)
    return {
      problems,
      codes,
      verdict: await verdictOf(audit).catch((error: Error) => ({ verdict: error.message, problems: [] })),
    }
  } finally {
    await audit.close()
  }
}
