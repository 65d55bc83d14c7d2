/** What a database or a login has set for the application's own purposes changes nothing of what is recorded and read. */
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { postgresStore } from '../../src/store/postgres/index.ts'
import type { Store } from '../../src/store/store.ts'
import { EventMaker } from '../../src/testing/event-maker.ts'
import { TestSources } from '../../src/testing/test-sources.ts'
import { newStoreDatabase, type StoreDatabase } from './store-database.ts'

const settings = [
  "default_transaction_isolation = 'repeatable read'",
  'default_transaction_isolation = serializable',
  'bytea_output = escape',
  'extra_float_digits = 0',
  'row_security = off',
  'standard_conforming_strings = off',
  "DateStyle = 'German'",
  "search_path = ''",
]

let database: StoreDatabase
beforeAll(async () => {
  database = await newStoreDatabase()
})
afterAll(() => database.drop())

const login = (): string => new URL(database.appUrl).username
beforeEach(() => database.query(`ALTER ROLE ${login()} RESET ALL`))

test.each(settings)('%s', async (setting) => {
  await database.query(`ALTER ROLE ${login()} SET ${setting}`)
  const sources = new TestSources()
  const events = new EventMaker(sources)
  const tenant = setting.replace(/\W+/g, '-')
  const textOf = (occurredAt: string): string => {
    const event = events.make({ tenant, occurredAt })
    return JSON.stringify({ ...event, id: `${tenant}-${event.id}` })
  }
  const pools = [1, 2].map(() => new pg.Pool({ connectionString: database.appUrl }))
  const stores: Store[] = []
  for (const pool of pools) stores.push(await postgresStore({ database: pool, name: 'settings.example' }))
  // Each finds what the other has appended, and both append at the same time.
  for (let i = 0; i < 10; i++) {
    const outcomes = await Promise.all(stores.map((store) => store.append([textOf(`2026-11-01T10:00:00.12345${i}Z`)])))
    expect(outcomes.flat()).toMatchObject([{ state: 'stored' }, { state: 'stored' }])
  }
  const { log, size } = (await stores[0]!.headOf(tenant))!
  expect(size).toBe(20)
  expect(await stores[0]!.indexNodes(log, 0, -1, 1)).toMatchObject([
    { earliest: Date.UTC(2026, 10, 1, 10) * 1000 + 123_450, latest: Date.UTC(2026, 10, 1, 10) * 1000 + 123_459 },
  ])
  for (const store of stores) await store.close()
  for (const pool of pools) await pool.end()
})
