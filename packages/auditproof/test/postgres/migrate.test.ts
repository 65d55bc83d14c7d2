/** The schema is made once, by whoever comes first, by a login that is no superuser; and never by another text. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAudit } from '../../src/audit.ts'
import { migrate, migrations } from '../../src/store/postgres/index.ts'
import { runHere } from '../cli/run-here.ts'
import { catalogOf } from './catalog.ts'
import { newDatabase, type TestDatabase } from './database.ts'
import { startPostgres, type PostgresServer } from './server.ts'

const databases: TestDatabase[] = []
async function fresh(): Promise<TestDatabase> {
  const database = await newDatabase()
  databases.push(database)
  return database
}
afterAll(async () => {
  for (const database of databases) await database.drop()
})

async function migrated(url: string): Promise<Awaited<ReturnType<typeof migrate>>> {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  pool.on('error', () => {}) // dropped under it
  try {
    return await migrate(pool)
  } finally {
    await pool.end()
  }
}

const names = migrations().map(({ name }) => name)

describe('migrate', () => {
  it('is done by one of ten that start at once; the others find it done', async () => {
    const { url } = await fresh()
    const reports = await Promise.all(Array.from({ length: 10 }, () => migrated(url)))
    expect(reports.filter(({ applied }) => applied.length > 0)).toEqual([{ applied: names, present: [] }])
    expect(reports.filter(({ present }) => present.length > 0)).toHaveLength(9)
  })

  it('refuses a database whose encoding cannot hold every letter, and leaves nothing in it', async () => {
    const database = await newDatabase("template0 ENCODING 'LATIN1' LOCALE 'C'")
    databases.push(database)
    await expect(migrated(database.url)).rejects.toMatchObject({
      code: 'store_format',
      message: expect.stringContaining('LATIN1') as string,
    })
    expect(await database.query("SELECT to_regnamespace('auditproof') AS schema")).toEqual([{ schema: null }])
  })

  it('makes what its printed script makes', async () => {
    const [one, other] = [await fresh(), await fresh()]
    await migrated(one.url)
    const { stdout } = await runHere(['migrate', '--print'])
    await other.query(`BEGIN;\n${stdout}\nCOMMIT`)
    const catalog = await catalogOf(one)
    expect(catalog.length).toBeGreaterThan(150)
    expect(await catalogOf(other)).toEqual(catalog)
    expect((await migrated(other.url)).applied).toEqual([])
    // A line that the script lacks would show.
    await other.query('ALTER TABLE auditproof.entry DISABLE TRIGGER append_only')
    expect(await catalogOf(other)).not.toEqual(catalog)
  })

  it('refuses a database in which a migration has another text', async () => {
    const { url, query } = await fresh()
    await migrated(url)
    await query("UPDATE auditproof.migration SET sha256 = repeat('0', 64) WHERE name = $1", [names[2]])
    await expect(migrated(url)).rejects.toMatchObject({
      code: 'store_format',
      message: expect.stringContaining(names[2]!) as string,
    })
  })

  it('refuses a newer database, and so does whoever opens it', async () => {
    const { url, query } = await fresh()
    await migrated(url)
    await query("INSERT INTO auditproof.migration (name, sha256) VALUES ('900_later.sql', '')")
    const refusal = { code: 'store_format', message: expect.stringContaining('900_later.sql') as string }
    await expect(migrated(url)).rejects.toMatchObject(refusal)
    const data = mkdtempSync(join(tmpdir(), 'auditproof-migrate-'))
    const audit = createAudit({ store: url, data })
    await expect(audit.opened()).rejects.toMatchObject(refusal)
    await audit.close()
    rmSync(data, { recursive: true })
  })

  it('leaves nothing behind when it fails half-way', async () => {
    const { url, query } = await fresh()
    await query('CREATE SCHEMA auditproof; CREATE TABLE auditproof.content_default ()')
    await expect(migrated(url)).rejects.toThrow()
    expect(await query("SELECT to_regclass('auditproof.entry') AS entry")).toEqual([{ entry: null }])
  })
})

describe('a login with CREATEROLE and CREATE on the database, and no more', () => {
  let server: PostgresServer
  beforeAll(async () => void (server = await startPostgres()))
  afterAll(() => server.stop())

  it('migrates; a login that it makes then records; and neither owns what it made', async () => {
    const superuser = new pg.Client({ connectionString: server.url })
    await superuser.connect()
    await superuser.query("CREATE ROLE admin LOGIN CREATEROLE PASSWORD 'admin'")
    await superuser.query('GRANT CREATE ON DATABASE postgres TO admin')
    const urlOf = (user: string): string => `postgres://${user}:${user}@127.0.0.1:${server.port}/postgres`
    expect((await migrated(urlOf('admin'))).applied).toEqual(names)
    expect((await migrated(urlOf('admin'))).applied).toEqual([])
    const admin = new pg.Client({ connectionString: urlOf('admin') })
    await admin.connect()
    await admin.query("CREATE ROLE app LOGIN PASSWORD 'app'")
    await admin.query('GRANT auditproof_writer, auditproof_sequencer, auditproof_reader TO app')
    await admin.end()
    const { rows } = await superuser.query<{ owner: string }>(
      `SELECT DISTINCT relowner::regrole::text AS owner FROM pg_class WHERE relnamespace = 'auditproof'::regnamespace
       UNION SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'auditproof'
       UNION SELECT proowner::regrole::text FROM pg_proc WHERE pronamespace = 'auditproof'::regnamespace`,
    )
    expect(rows).toEqual([{ owner: 'auditproof_owner' }])
    const data = mkdtempSync(join(tmpdir(), 'auditproof-migrate-'))
    const audit = createAudit({ store: urlOf('app'), data })
    expect(await audit.record('case.open', {})).toMatchObject({ state: 'stored' })
    await audit.close()
    // Whoever may become the owner may do all that the owner may.
    const asAdmin = createAudit({ store: urlOf('admin'), data })
    await expect(asAdmin.opened()).rejects.toThrow('owns the tables')
    await asAdmin.close()
    rmSync(data, { recursive: true })
    await superuser.end()
  })

  it('is told what it lacks', async () => {
    const superuser = new pg.Client({ connectionString: server.url })
    await superuser.connect()
    await superuser.query('CREATE DATABASE other')
    await superuser.query("CREATE ROLE plain LOGIN PASSWORD 'plain'")
    await superuser.end()
    await expect(migrated(`postgres://plain:plain@127.0.0.1:${server.port}/other`)).rejects.toMatchObject({
      code: 'store_unavailable',
      hint: expect.stringContaining('--print') as string,
    })
  })
})
