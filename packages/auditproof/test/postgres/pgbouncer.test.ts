/** Through pgbouncer in transaction mode: each transaction may come to another connection of the server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAudit, type Audit } from '../../src/audit.ts'
import type { AuditOptions } from '../../src/audit-interface.ts'
import { postgres } from '../../src/store/postgres/index.ts'
import { hasPgbouncer, startPgbouncer, type Pgbouncer } from './pgbouncer.ts'
import { newStoreDatabase, type StoreDatabase } from './store-database.ts'
import { drained, storedIn, verdictOf } from './stored.ts'

if (!hasPgbouncer)
  console.warn('NOT TESTED: pgbouncer is not installed (apt-get install pgbouncer), so nothing here ran through it.')

describe.skipIf(!hasPgbouncer)('through pgbouncer', () => {
  let database: StoreDatabase
  let pooler: Pgbouncer
  let url: string
  const data = mkdtempSync(join(tmpdir(), 'auditproof-pgbouncer-'))
  const audits: Audit[] = []
  beforeAll(async () => {
    database = await newStoreDatabase()
    pooler = await startPgbouncer([database.appUrl])
    url = pooler.through(database.appUrl)
    await database.query('CREATE TABLE change (id text PRIMARY KEY)')
    await database.query('GRANT ALL ON change TO public')
  })
  afterAll(async () => {
    for (const audit of audits) await audit.close()
    await pooler.stop()
    await database.drop()
    rmSync(data, { recursive: true })
  })
  const opened = (store: NonNullable<AuditOptions['store']>, signs = true): Audit => {
    const audit = createAudit({ data, store, ...(!signs && { signer: false }) })
    audits.push(audit)
    return audit
  }

  test('an address that says ?pgbouncer=true records, reads, drains, and verifies', async () => {
    const audit = opened(`${url}?pgbouncer=true`)
    const pool = new pg.Pool({ connectionString: url, max: 5 })
    pool.on('error', () => {})
    await audit.ready()
    const ids = Array.from({ length: 120 }, (_, i) => `e${i}`)
    await Promise.all(
      ids.map(async (id, i) => {
        const event = { id, tenant: `t${i % 3}` }
        if (i % 2 === 0) return audit.record('a.b', event)
        return audit.transaction(pool, async (tx) => {
          await tx.query('INSERT INTO change VALUES ($1)', [id])
          return audit.record('a.b', event)
        })
      }),
    )
    await drained(database.query)
    const { store } = await audit.opened()
    const stored = await storedIn(store)
    expect(stored.problems).toEqual([])
    expect([...stored.events.keys()].sort()).toEqual([...ids].sort())
    expect((await audit.list({ tenant: 't0' }, { limit: 50 })).events).toHaveLength(40)
    expect(await verdictOf(audit)).toEqual({ verdict: 'verified', problems: [] })
    await pool.end()
  })

  test('it hears of other processes where it is told a direct address to listen at, and polls where it is not', async () => {
    const polling = opened(`${url}?pgbouncer=true`, false)
    const listening = opened(postgres(`${url}?pgbouncer=true`, { listen: database.appUrl }), false)
    const watches = await Promise.all(
      [polling, listening].map(async (audit) => (await audit.opened()).store.watch(() => {})),
    )
    await expect.poll(() => watches[1]!.isLive).toBe(true)
    expect(watches[0]!.isLive).toBe(false)
    for (const watch of watches) watch.stop()
  })

  test('without that, statements are prepared on one connection and used on another', async () => {
    const audit = opened(url, false)
    const failed = await Promise.allSettled(
      Array.from({ length: 60 }, (_, i) => audit.list({ tenant: `t${i % 3}` }, { limit: 1 + (i % 7) })),
    )
    expect(JSON.stringify(failed.map((one) => one.status === 'rejected' && String(one.reason)))).toContain(
      'prepared statement',
    )
  })
})
