/** Each role can do what it is there for, and nothing else; and no guard lets its owner or a replica past. */
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { attempts, tables, type Kind } from './attempts.ts'
import { newFilledDatabase, type FilledDatabase } from './filled.ts'

let database: FilledDatabase
const clients = new Map<Kind | 'superuser', pg.Client>()
beforeAll(async () => {
  database = await newFilledDatabase()
  for (const kind of ['writer', 'sequencer', 'reader', 'eraser'] as const)
    clients.set(kind, await connected(database.urlOf(kind)))
  clients.set('superuser', await connected(database.url))
})
afterAll(async () => {
  for (const client of clients.values()) await client.end()
  await database.drop()
})

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  return client
}

/** Runs it in a transaction that is rolled back. @returns the SQLSTATE of the error; undefined where there was none */
async function tried(
  kind: Kind | 'superuser',
  sql: string,
  before: readonly string[] = [],
): Promise<string | undefined> {
  const client = clients.get(kind)!
  await client.query('BEGIN')
  try {
    for (const statement of before) await client.query(statement)
    await client.query(sql)
    return undefined
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  } finally {
    await client.query('ROLLBACK')
  }
}

const partitionsOfContent = async (): Promise<string[]> =>
  (
    await database.query(
      "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'auditproof.content'::regclass",
    )
  ).map(({ name }) => name as string)

describe.each(['writer', 'sequencer', 'reader', 'eraser'] as const)('the %s', (kind) => {
  const its = attempts.filter(({ by }) => by.includes(kind))

  it.each(its.filter(({ refused }) => refused !== undefined))('is refused: $sql', async ({ sql, refused }) => {
    expect(await tried(kind, sql)).toBe(refused)
  })

  it.each(its.filter(({ refused }) => refused === undefined))('may: $sql', async ({ sql }) => {
    expect(await tried(kind, sql)).toBeUndefined()
  })

  it('grants nothing on', async () => {
    const client = clients.get(kind)!
    await client.query('BEGIN')
    for (const table of tables) {
      // Of what one has some right on, PostgreSQL only warns that nothing was granted.
      await client.query('SAVEPOINT one')
      await client.query(`GRANT ALL ON auditproof.${table} TO PUBLIC`).catch(() => client.query('ROLLBACK TO one'))
    }
    const { rowCount } = await client.query(
      `SELECT FROM pg_class, aclexplode(relacl) WHERE relnamespace = 'auditproof'::regnamespace AND grantee = 0`,
    )
    expect(rowCount).toBe(0)
    await client.query('ROLLBACK')
  })

  it('has no partition of its own to reach behind the table', async () => {
    const partitions = await partitionsOfContent()
    expect(partitions.length).toBeGreaterThan(4)
    for (const name of partitions)
      for (const sql of [
        `SELECT FROM ${name}`,
        `DELETE FROM ${name}`,
        `TRUNCATE ${name}`,
        `INSERT INTO ${name} DEFAULT VALUES`,
      ])
        expect([sql, await tried(kind, sql)]).toEqual([sql, '42501'])
  })
})

describe('the reader', () => {
  const shown = tables.filter((table) => !['store', 'pending'].includes(table))
  const rowsOf = async (table: string, reads: string | undefined): Promise<unknown[]> => {
    const client = clients.get('reader')!
    await client.query('BEGIN')
    if (reads !== undefined) await client.query(`SET LOCAL auditproof.reads = '${reads}'`)
    const { rows } = await client.query<Record<string, unknown>>(`SELECT * FROM auditproof.${table}`)
    await client.query('ROLLBACK')
    return rows.map(({ log }) => log)
  }
  const logOf = async (tenant: string): Promise<unknown> =>
    (await database.query('SELECT log FROM auditproof.log WHERE tenant = $1', [tenant]))[0]!['log']

  it.each(shown)('sees of %s the rows of the tenant that it names, and none without naming one', async (table) => {
    const there = new Set((await database.query(`SELECT log FROM auditproof.${table}`)).map(({ log }) => log))
    const [mine, theirs] = [await logOf('mine'), await logOf('theirs')]
    expect(await rowsOf(table, undefined)).toEqual([])
    for (const reads of ['', '=', '=nobody', '#0', '#-1', 'mine', '**']) expect(await rowsOf(table, reads)).toEqual([])
    for (const reads of ['=mine', `#${String(mine)}`]) {
      const seen = new Set(await rowsOf(table, reads))
      expect([...seen]).toEqual(there.has(mine) ? [mine] : [])
    }
    expect(new Set(await rowsOf(table, '*'))).toEqual(there)
    if (['log', 'entry', 'content', 'head', 'posting', 'feed', 'node', 'checkpoint'].includes(table))
      expect(there).toContain(theirs)
  })

  it('keeps nothing of what it named when its transaction is over', async () => {
    const client = clients.get('reader')!
    await client.query("BEGIN; SET LOCAL auditproof.reads = '*'; COMMIT")
    expect((await client.query('SELECT FROM auditproof.entry')).rowCount).toBe(0)
  })

  it('learns nothing from what the planner knows', async () => {
    await database.query('ANALYZE')
    const client = clients.get('reader')!
    const { rowCount } = await client.query(
      "SELECT FROM pg_stats WHERE schemaname = 'auditproof' AND tablename <> 'migration'",
    )
    expect(rowCount).toBe(0)
    // A function of one's own sees no row that the policy keeps back, however cheap it says it is.
    await client.query('BEGIN')
    const leaks = `CREATE FUNCTION pg_temp.leaks(text) RETURNS boolean COST 0.0000001 LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'seen: %', $1; END $$`
    await client.query(leaks)
    await client.query("SET LOCAL auditproof.reads = '=nobody'")
    expect((await client.query('SELECT FROM auditproof.content WHERE pg_temp.leaks(disclosures)')).rowCount).toBe(0)
    await client.query('ROLLBACK')
  })
})

describe('the guards', () => {
  const replica = 'SET LOCAL session_replication_role = replica'

  it.each(tables)('hold a superuser back at %s, and one that plays the replica', async (table) => {
    for (const before of [[], [replica]]) {
      expect(await tried('superuser', `TRUNCATE auditproof.${table}`, before)).toBe('42501')
      if (['carried', 'node', 'leaf_times', 'carrying', 'pending'].includes(table)) continue
      const rows = await database.query(`SELECT count(*)::int AS n FROM auditproof.${table}`)
      if (rows[0]!['n'] === 0) continue
      expect([table, await tried('superuser', `DELETE FROM auditproof.${table}`, before)]).toEqual([table, '42501'])
    }
  })

  it('hold at each partition', async () => {
    const forced = await database.query(
      "SELECT oid::regclass::text AS name FROM pg_class WHERE relispartition AND relrowsecurity AND relforcerowsecurity AND relkind = 'r'",
    )
    for (const name of await partitionsOfContent()) {
      expect(forced).toContainEqual({ name })
      for (const before of [[], [replica]]) expect(await tried('superuser', `TRUNCATE ${name}`, before)).toBe('42501')
    }
  })

  it.each([
    "UPDATE auditproof.entry SET entry = 'x'",
    "UPDATE auditproof.content SET disclosures = 'x'",
    "UPDATE auditproof.log SET tenant = tenant || 'x'",
    'UPDATE auditproof.head SET size = size - 1',
    "UPDATE auditproof.posting SET offsets = ''",
    'DELETE FROM auditproof.head',
    'DELETE FROM auditproof.posting',
  ])('hold against %s as superuser, as replica, and as owner, who sees no row of it', async (sql) => {
    expect(await tried('superuser', sql)).toBe('42501')
    expect(await tried('superuser', sql, [replica])).toBe('42501')
    const client = clients.get('superuser')!
    await client.query('BEGIN; SET LOCAL ROLE auditproof_owner')
    expect((await client.query(sql)).rowCount).toBe(0)
    await client.query('ROLLBACK')
  })

  it.each(tables)('hold the owner back from truncating %s', async (table) => {
    expect(await tried('superuser', `TRUNCATE auditproof.${table}`, ['SET LOCAL ROLE auditproof_owner'])).toBe('42501')
  })

  it('keep every row that was there', async () => {
    expect(
      await database.query('SELECT count(*)::int AS n FROM auditproof.entry JOIN auditproof.content USING (log, idx)'),
    ).toEqual([{ n: expect.any(Number) as number }])
    expect((await database.query("SELECT FROM auditproof.entry WHERE id LIKE 'mine-%'")).length).toBe(5)
  })
})
