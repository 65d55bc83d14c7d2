import { describe, expect, it, afterAll, beforeAll } from 'vitest'
import pg from 'pg'
import { newDatabase, type TestDatabase } from '../../../test/postgres/database.ts'
import { testStore, type StoreHarness } from '../../testing/index.ts'
import { migrate, postgresStore } from './index.ts'

const name = 'audit.example.org/postgres'
let database: TestDatabase
let pool: pg.Pool
beforeAll(async () => {
  database = await newDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 8 })
  pool.on('error', () => {}) // dropped under it
  await migrate(pool)
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

const open: StoreHarness['open'] = (sources) => postgresStore({ database: pool, name, sources, allowOwner: true })

/** Emptied by a superuser without the guards, which takes a tenth of making the schema anew. */
const destroy: StoreHarness['destroy'] = async () => {
  await pool.query(`DO $$
    DECLARE one text; guard name;
    BEGIN
      FOR one IN SELECT c.oid::regclass FROM pg_class AS c WHERE relnamespace = 'auditproof'::regnamespace AND relkind = 'r'
          AND relname <> 'migration' LOOP
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER ALL', one);
        EXECUTE format('TRUNCATE %s RESTART IDENTITY', one);
        FOR guard IN SELECT tgname FROM pg_trigger WHERE tgrelid = one::regclass AND NOT tgisinternal LOOP
          EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', one, guard);
        END LOOP;
      END LOOP;
    END $$`)
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
