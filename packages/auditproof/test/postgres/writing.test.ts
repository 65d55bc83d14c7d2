/** Writing while others hold what it needs, and without doing anything twice. */
import pg from 'pg'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { postgres, postgresStore } from '../../src/store/postgres/index.ts'
import { systemSources } from '../../src/store/sources.ts'
import type { Store } from '../../src/store/store.ts'
import { EventMaker } from '../../src/testing/event-maker.ts'
import { TestSources } from '../../src/testing/test-sources.ts'
import { newStoreDatabase, type StoreDatabase } from './store-database.ts'

let database: StoreDatabase
let pool: pg.Pool
let store: Store
let events: EventMaker
let salts = 0
let hasSalts = true
beforeEach(async () => {
  database = await newStoreDatabase()
  pool = new pg.Pool({ connectionString: database.appUrl, pipeline: true })
  pool.on('error', () => {}) // a test cuts its connections
  events = new EventMaker(new TestSources())
  const newSalt = (): string => {
    if (!hasSalts) throw new Error('no salts')
    salts += 1
    return systemSources.newSalt()
  }
  store = await postgresStore({ database: pool, name: 'writing.example', sources: { ...systemSources, newSalt } })
})
afterEach(async () => {
  await store.close()
  await pool.end()
  await database.drop()
})

const texts = (count: number): string[] => events.makeMany(count).map((event) => JSON.stringify(event))
const leave = (count: number): Promise<unknown> =>
  database.query('INSERT INTO auditproof.pending (tenant, submission) SELECT $1, unnest($2::text[])', [
    'acme',
    texts(count),
  ])

test('what is planned ahead is used, also after something came from pending in between', async () => {
  await store.append(texts(1))
  const saltsOf = async (): Promise<number> => {
    const before = salts
    await store.append(texts(10))
    return salts - before
  }
  const once = await saltsOf()
  expect(await saltsOf()).toBe(once)
  await leave(1)
  expect(await store.drainPending(10)).toHaveLength(1)
  expect([await saltsOf(), await saltsOf()]).toEqual([once, once])
})

test('why a batch is not appended is told by an AuditError, also where it is found out before the database is asked', async () => {
  await store.append(texts(1))
  await store.append(texts(1))
  hasSalts = false
  await expect(store.append(texts(1))).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringContaining('no salts') as string,
  })
  hasSalts = true
  const login = new URL(database.appUrl).username
  await database.query(`ALTER ROLE ${login} SET synchronous_commit = off`)
  await database.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [login])
  await expect
    .poll(() => store.append(texts(1)).catch((error: unknown) => error))
    .toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('synchronous_commit is off') as string,
    })
  await database.query(`ALTER ROLE ${login} RESET synchronous_commit`)
  await database.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [login])
  await expect.poll(() => store.append(texts(1)).catch(String)).toMatchObject([{ state: 'stored' }])
})

test('a log that is appended to without a pause takes what is pending as well', async () => {
  await store.append(texts(1))
  let isLoaded = true
  const load = [1, 2].map(async () => {
    while (isLoaded) await store.append(texts(200))
  })
  await sleep(500)
  const looks: number[] = []
  for (let i = 0; i < 6; i++) {
    await leave(10)
    let left = 10
    for (looks.push(0); left > 0; left -= (await store.drainPending(500)).length) looks[i]! += 1
  }
  isLoaded = false
  await Promise.all(load)
  expect(Math.max(...looks), `looks until all was drained: ${looks.join(', ')}`).toBeLessThanOrEqual(2)
})

test('rows that are too large for one transaction together are drained in several', async () => {
  await store.append(texts(1))
  const event = events.make({ details: { text: 'TEXT' } })
  await database.query(
    `INSERT INTO auditproof.pending (tenant, submission)
     SELECT 'acme', replace(replace($1, 'TEXT', repeat('€', 500000)), $2, 'large-' || i) FROM generate_series(1, 12) AS i`,
    [JSON.stringify(event), event.id],
  )
  const { log } = (await store.headOf('acme'))!
  const transactions = async (): Promise<unknown> =>
    (await database.query('SELECT count(DISTINCT xmin::text) AS n FROM auditproof.entry WHERE log = $1', [log]))[0]![
      'n'
    ]
  expect(await store.drainPending(500)).toMatchObject(Array.from({ length: 12 }, () => ({ state: 'stored' })))
  expect(await transactions()).toBe('5') // the one before, and four of three
  expect(await database.query('SELECT FROM auditproof.pending')).toEqual([])
})

test('while a backup reads the table, and a month is missing, events are recorded all the same', async () => {
  const [month] = await database.query("SELECT to_char(now() + interval '3 months', 'YYYY_MM') AS name")
  const partition = `auditproof.content_${String(month!['name'])}`
  await database.query(`DROP TABLE ${partition}`)
  const backup = new pg.Client({ connectionString: database.url })
  await backup.connect()
  await backup.query('BEGIN; LOCK TABLE auditproof.content IN ACCESS SHARE MODE')
  const began = Date.now()
  expect(await store.append(texts(1))).toMatchObject([{ state: 'stored' }])
  expect(Date.now() - began).toBeLessThan(5_000)
  await backup.end()
})

test('a process that only drains makes the months, too', async () => {
  const [month] = await database.query("SELECT to_char(now() + interval '3 months', 'YYYY_MM') AS name")
  const partition = `auditproof.content_${String(month!['name'])}`
  await database.query(`DROP TABLE ${partition}`)
  await store.drainPending(1)
  expect(await database.query('SELECT to_regclass($1) IS NOT NULL AS there', [partition])).toEqual([{ there: true }])
})

test('what was opened to be read is not written to, whatever the login may do', async () => {
  await store.append(texts(1))
  const reading = await postgres(pool).openToRead()
  const { log, size, root } = (await reading.headOf('acme'))!
  const refused = { code: 'store_unavailable', message: 'The store was opened for reading only.' }
  await expect(reading.append(texts(1))).rejects.toMatchObject(refused)
  await expect(reading.drainPending(1)).rejects.toMatchObject(refused)
  await expect(reading.publish([{ log, size, root, note: 'any', keep: true }])).rejects.toMatchObject(refused)
  await expect(reading.keepCheckpoint(log)).rejects.toMatchObject(refused)
  await expect(reading.appendMeta(1)).rejects.toMatchObject(refused)
  await expect(reading.buildIndex()).rejects.toMatchObject(refused)
  const erasure = { tenant: 'acme', items: [{ index: 0, groups: ['actor' as const] }], submission: texts(1)[0]! }
  await expect(reading.eraseContent(erasure)).rejects.toMatchObject(refused)
  await reading.close()
})

test('a batch with a row that the database refuses stands in nobody’s way: its halves lock as everybody does', async () => {
  const tenants = Array.from({ length: 12 }, (_, i) => `t${i}`)
  const one = (tenant: string, id: string): string => JSON.stringify({ ...events.makeSmall(tenant), id })
  await store.append(tenants.map((tenant) => one(tenant, `first-${tenant}`)))
  await database.query(`CREATE FUNCTION refuse_it() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF NEW.id LIKE 'refused%' THEN RAISE EXCEPTION 'not this one' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$`)
  await database.query(
    'CREATE TRIGGER refuse_it BEFORE INSERT ON auditproof.entry FOR EACH ROW EXECUTE FUNCTION public.refuse_it()',
  )
  const other = await postgresStore({ database: database.appUrl, name: 'writing.example' })
  const codes: unknown[] = []
  const writeAll = async (to: Store, order: readonly string[], refused: boolean): Promise<void> => {
    for (let round = 0; round < 15; round++) {
      const batch = order.map((tenant, i) =>
        one(tenant, `${refused && i === 6 ? 'refused' : 'e'}-${refused}-${round}-${tenant}`),
      )
      try {
        for (const outcome of await to.append(batch)) if (outcome.state === 'rejected') codes.push(outcome.code)
      } catch (error) {
        codes.push(error)
      }
    }
  }
  await Promise.all([writeAll(store, tenants.toReversed(), true), writeAll(other, tenants, false)])
  await other.close()
  expect(codes).toEqual(Array.from({ length: 15 }, () => 'store_rejected'))
})

test('what is asked for by a name that no text of the database can be is not there', async () => {
  await store.append(texts(1))
  expect(await store.headOf('acme\0')).toBeUndefined()
  expect(await store.find('event-0', '\0')).toEqual([])
  const nothing = { conditions: [], order: 'time', descending: true, limit: 9, tenant: 'a\0' } as const
  expect((await store.list(nothing)).rows).toEqual([])
})
