/** Watching begins and ends at any time: no connection is left, and whoever watches is told. */
import pg from 'pg'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresStore } from '../../src/store/postgres/index.ts'
import type { Store } from '../../src/store/store.ts'
import { EventMaker } from '../../src/testing/event-maker.ts'
import { TestSources } from '../../src/testing/test-sources.ts'
import { newStoreDatabase, type StoreDatabase } from './store-database.ts'

let database: StoreDatabase
let pool: pg.Pool
beforeAll(async () => {
  database = await newStoreDatabase()
  pool = new pg.Pool({ connectionString: database.appUrl })
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

const open = (listen = database.appUrl): Promise<Store> =>
  postgresStore({ database: pool, name: 'watching.example', listen })
const listening = async (): Promise<number> =>
  (
    await database.query(
      "SELECT FROM pg_stat_activity WHERE application_name = 'auditproof-listen' AND datname = current_database()",
    )
  ).length

test('who stops at once, or closes the store, leaves no connection behind', async () => {
  const store = await open()
  store.watch(() => {}).stop()
  await sleep(300)
  expect(await listening()).toBe(0)
  store.watch(() => {})
  await store.close()
  await sleep(300)
  expect(await listening()).toBe(0)
})

test('who begins to watch while the connection of the one before is given up gets one', async () => {
  const store = await open()
  const first = store.watch(() => {})
  await sleep(2)
  first.stop()
  const second = store.watch(() => {})
  await expect.poll(() => second.isLive, { timeout: 5_000 }).toBe(true)
  await store.close()
})

test('an address of no server is tried again and takes nothing down', async () => {
  const store = await open('postgres://host:99999999/x')
  const watch = store.watch(() => {})
  await sleep(100)
  expect(watch.isLive).toBe(false)
  await store.close()
})

test('what is committed right before close() is told', async () => {
  const [writing, watching] = [await open(), await open()]
  let heard = 0
  const watch = watching.watch(() => (heard += 1))
  await expect.poll(() => watch.isLive, { timeout: 5_000 }).toBe(true)
  const before = heard
  await writing.append([JSON.stringify(new EventMaker(new TestSources()).make())])
  await writing.close()
  await expect.poll(() => heard).toBeGreaterThan(before)
  await watching.close()
})
