import { describe, expect, it, afterAll, beforeAll } from 'vitest'
import pg from 'pg'
import { newDatabase, type TestDatabase } from '../../../test/postgres/database.ts'
import { testStore, type StoreHarness } from '../../testing/index.ts'
import { migrate, postgresStore, type PostgresPool } from './index.ts'

const name = 'audit.example.org/postgres'
let database: TestDatabase
let pool: pg.Pool
beforeAll(async () => {
  database = await newDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 8 })
  pool.on('error', () => {}) // dropped under it
  await migrate(pool as unknown as PostgresPool)
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

const open: StoreHarness['open'] = (sources) =>
  postgresStore({ database: pool as unknown as PostgresPool, name, sources, allowOwner: true })

const destroy: StoreHarness['destroy'] = async () => {
  await pool.query('DROP SCHEMA auditproof CASCADE')
  await migrate(pool as unknown as PostgresPool)
}

testStore(
  'PostgreSQL',
  {
    open,
    second: open,
    destroy,
    insertPending: async (json) => {
      await pool.query('INSERT INTO auditproof.pending (tenant, submission) VALUES ($1, $2)', ['', json])
    },
  },
  { describe, it, expect },
)
