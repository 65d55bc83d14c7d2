/** What `doctor` finds at a live server: each thing broken by itself, and exactly that is found. */
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { thingsOf, withoutMonths } from '../../src/store/postgres/inspect/catalog.ts'
import { formatSchema } from '../../src/store/postgres/inspect/compare.ts'
import { inspectDatabase } from '../../src/store/postgres/inspect.ts'
import { Connections } from '../../src/store/postgres/connections.ts'
import type { Inspection } from '../../src/store/store.ts'
import { newStoreDatabase, type StoreDatabase } from './store-database.ts'

let database: StoreDatabase
beforeAll(async () => void (database = await newStoreDatabase()))
afterAll(() => database.drop())

async function inspectAs(
  connectionString: string,
  options: { allowOwner?: boolean; now?: () => number } = {},
): Promise<Inspection[]> {
  const pool = new pg.Pool({ connectionString, max: 1 })
  pool.on('error', () => {}) // dropped under it
  try {
    return await inspectDatabase(new Connections(pool), { now: Date.now, ...options })
  } finally {
    await pool.end()
  }
}

const suffix = process.pid.toString(36)
const wrongOf = (findings: readonly Inspection[]): Inspection[] => findings.filter(({ ok }) => !ok)

it('the schema that inspect compares with is the one that the migrations make', async () => {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query('BEGIN')
  const things = await thingsOf({
    rows: async <R>(text: string, ...values: unknown[]) => (await client.query(text, values)).rows as R[],
  })
  await client.end()
  await expect(formatSchema(withoutMonths(things))).toMatchFileSnapshot('../../src/store/postgres/inspect/schema.jsonl')
})

/** What is done, by a superuser, what undoes it, and the one finding. */
type Break = [done: string, undone: string, finding: string, detail: RegExp, fix: RegExp]

const now = new Date()
const partition = (monthsOn: number): string => {
  const at = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + monthsOn, 1)).toISOString()
  return `content_${at.slice(0, 4)}_${at.slice(5, 7)}`
}
const bounds = (monthsOn: number): string => {
  const dayOf = (name: string): string => `${name.slice(8).replace('_', '-')}-01`
  return `FOR VALUES FROM ('${dayOf(partition(monthsOn))}') TO ('${dayOf(partition(monthsOn + 1))}')`
}
const owned = 'OWNER TO auditproof_owner'
const refuse = `CREATE OR REPLACE FUNCTION auditproof.refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$`

// prettier-ignore
const breaks: readonly Break[] = [
  ["UPDATE auditproof.migration SET sha256 = reverse(sha256) WHERE name LIKE '003%'", "UPDATE auditproof.migration SET sha256 = reverse(sha256) WHERE name LIKE '003%'", 'migrations', /003_guards/, /release/],
  ['ALTER TABLE auditproof.entry DISABLE TRIGGER append_only', 'ALTER TABLE auditproof.entry ENABLE ALWAYS TRIGGER append_only', 'append-only triggers', /^trigger append_only on entry is disabled/, /ALTER TABLE auditproof.entry ENABLE ALWAYS TRIGGER append_only;/],
  ['ALTER TABLE auditproof.head ENABLE TRIGGER only_forward', 'ALTER TABLE auditproof.head ENABLE ALWAYS TRIGGER only_forward', 'append-only triggers', /^trigger only_forward on head/, /ENABLE ALWAYS TRIGGER only_forward/],
  ['DROP TRIGGER no_truncate ON auditproof.tile', 'CREATE TRIGGER no_truncate BEFORE TRUNCATE ON auditproof.tile FOR EACH STATEMENT EXECUTE FUNCTION auditproof.refuse(); ALTER TABLE auditproof.tile ENABLE ALWAYS TRIGGER no_truncate', 'append-only triggers', /^trigger no_truncate on tile is missing$/, /CREATE TRIGGER no_truncate BEFORE TRUNCATE ON auditproof.tile/],
  [`ALTER TABLE auditproof.${partition(0)} DISABLE TRIGGER only_erased`, `ALTER TABLE auditproof.${partition(0)} ENABLE ALWAYS TRIGGER only_erased`, 'append-only triggers', new RegExp(`^trigger only_erased on ${partition(0)} `), new RegExp(partition(0))],
  ['DROP TRIGGER no_truncate ON auditproof.content_default', 'CREATE TRIGGER no_truncate BEFORE TRUNCATE ON auditproof.content_default FOR EACH STATEMENT EXECUTE FUNCTION auditproof.refuse(); ALTER TABLE auditproof.content_default ENABLE ALWAYS TRIGGER no_truncate', 'append-only triggers', /^trigger no_truncate on content_default is missing$/, /ON auditproof.content_default/],
  ['CREATE TRIGGER alter_it BEFORE INSERT ON auditproof.entry FOR EACH ROW EXECUTE FUNCTION auditproof.refuse()', 'DROP TRIGGER alter_it ON auditproof.entry', 'append-only triggers', /^trigger alter_it on entry is not one of auditproof/, /DROP TRIGGER alter_it ON auditproof.entry;/],
  ['CREATE RULE nothing AS ON INSERT TO auditproof.pending DO INSTEAD NOTHING', 'DROP RULE nothing ON auditproof.pending', 'append-only triggers', /^rule nothing on pending/, /DROP RULE nothing/],
  ["CREATE OR REPLACE FUNCTION auditproof.refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN NEW; END'", refuse, 'functions', /^auditproof.refuse\(\) is not as it was made/, /migrate --print/],
  ['ALTER FUNCTION auditproof.refuse() RESET search_path', refuse, 'functions', /^auditproof.refuse\(\)/, /migrate --print/],
  ['ALTER FUNCTION auditproof.make_months(int) SECURITY INVOKER', 'ALTER FUNCTION auditproof.make_months(int) SECURITY DEFINER', 'functions', /^auditproof.make_months/, /migrate --print/],
  ['ALTER TABLE auditproof.entry DISABLE ROW LEVEL SECURITY', 'ALTER TABLE auditproof.entry ENABLE ROW LEVEL SECURITY', 'row-level security', /^not forced on entry$/, /ALTER TABLE auditproof.entry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;/],
  [`ALTER TABLE auditproof.${partition(1)} NO FORCE ROW LEVEL SECURITY`, `ALTER TABLE auditproof.${partition(1)} FORCE ROW LEVEL SECURITY`, 'row-level security', new RegExp(`^not forced on ${partition(1)}$`), /FORCE ROW LEVEL/],
  ['CREATE POLICY also ON auditproof.content TO auditproof_reader USING (true)', 'DROP POLICY also ON auditproof.content', 'row-level security', /^policy also on content is not one of auditproof$/, /DROP POLICY also ON auditproof.content;/],
  ['ALTER POLICY reader ON auditproof.head USING (true)', 'DROP POLICY reader ON auditproof.head; CREATE POLICY reader ON auditproof.head FOR SELECT TO auditproof_reader USING (log = (SELECT auditproof.reads_log()) OR (SELECT auditproof.reads_all()))', 'row-level security', /^policy reader on head is not as it was made$/, /DROP POLICY reader ON auditproof.head; CREATE POLICY reader/],
  ['ALTER POLICY writer ON auditproof.pending TO PUBLIC', 'ALTER POLICY writer ON auditproof.pending TO auditproof_writer', 'row-level security', /^policy writer on pending/, /TO auditproof_writer/],
  ['GRANT SELECT ON auditproof.entry TO PUBLIC', 'REVOKE SELECT ON auditproof.entry FROM PUBLIC', 'grants', /^PUBLIC has SELECT on auditproof.entry$/, /REVOKE SELECT ON auditproof.entry FROM PUBLIC;/],
  ['GRANT UPDATE (entry) ON auditproof.entry TO auditproof_sequencer', 'REVOKE UPDATE (entry) ON auditproof.entry FROM auditproof_sequencer', 'grants', /^auditproof_sequencer has UPDATE \(entry\) on auditproof.entry$/, /REVOKE UPDATE \(entry\) ON auditproof.entry FROM auditproof_sequencer;/],
  ['GRANT DELETE ON auditproof.content TO auditproof_sequencer', 'REVOKE DELETE ON auditproof.content FROM auditproof_sequencer', 'grants', /has DELETE on auditproof.content$/, /REVOKE/],
  ['REVOKE SELECT ON auditproof.posting FROM auditproof_reader', 'GRANT SELECT ON auditproof.posting TO auditproof_reader', 'grants', /^auditproof_reader has no SELECT on auditproof.posting$/, /GRANT SELECT ON auditproof.posting TO auditproof_reader;/],
  ['GRANT CREATE ON SCHEMA auditproof TO auditproof_writer', 'REVOKE CREATE ON SCHEMA auditproof FROM auditproof_writer', 'grants', /^auditproof_writer has CREATE on SCHEMA auditproof$/, /REVOKE CREATE ON SCHEMA auditproof FROM auditproof_writer;/],
  ['GRANT EXECUTE ON FUNCTION auditproof.make_months(int) TO PUBLIC', 'REVOKE EXECUTE ON FUNCTION auditproof.make_months(int) FROM PUBLIC', 'grants', /^PUBLIC has EXECUTE on FUNCTION auditproof.make_months\(integer\)$/, /REVOKE EXECUTE/],
  ['GRANT UPDATE ON SEQUENCE auditproof.pending_n_seq TO auditproof_writer', 'REVOKE UPDATE ON SEQUENCE auditproof.pending_n_seq FROM auditproof_writer', 'grants', /UPDATE on SEQUENCE auditproof.pending_n_seq$/, /REVOKE UPDATE ON SEQUENCE/],
  [`GRANT SELECT ON auditproof.${partition(0)} TO auditproof_reader`, `REVOKE SELECT ON auditproof.${partition(0)} FROM auditproof_reader`, 'grants', /^auditproof_reader has SELECT on auditproof.content_/, /REVOKE/],
  ['ALTER DEFAULT PRIVILEGES FOR ROLE auditproof_owner IN SCHEMA auditproof GRANT SELECT ON TABLES TO PUBLIC', 'ALTER DEFAULT PRIVILEGES FOR ROLE auditproof_owner IN SCHEMA auditproof REVOKE SELECT ON TABLES FROM PUBLIC', 'grants to come', /^PUBLIC will have SELECT on new tables$/, /REVOKE SELECT ON TABLES FROM PUBLIC;/],
  ['ALTER TABLE auditproof.carried OWNER TO postgres', `ALTER TABLE auditproof.carried ${owned}`, 'owner', /^carried is somebody else's$/, /ALTER TABLE auditproof.carried OWNER TO auditproof_owner;/],
  ['ALTER FUNCTION auditproof.refuse() OWNER TO postgres', `ALTER FUNCTION auditproof.refuse() ${owned}`, 'owner', /^auditproof.refuse\(\)/, /ALTER FUNCTION auditproof.refuse\(\) OWNER/],
  ['ALTER SCHEMA auditproof OWNER TO postgres', `ALTER SCHEMA auditproof ${owned}`, 'owner', /^auditproof is/, /ALTER SCHEMA auditproof OWNER/],
  ['ALTER TABLE auditproof.node SET UNLOGGED', 'ALTER TABLE auditproof.node SET LOGGED', 'tables', /^table node is not as it was made$/, /ALTER TABLE auditproof.node SET LOGGED;/],
  ['ALTER TABLE auditproof.tile DROP CONSTRAINT tile_pkey', 'ALTER TABLE auditproof.tile ADD PRIMARY KEY (log, level, n)', 'tables', /^index tile.tile_pkey is missing$/, /CREATE UNIQUE INDEX tile_pkey/],
  ['CREATE UNIQUE INDEX only_one ON auditproof.pending (tenant)', 'DROP INDEX auditproof.only_one', 'tables', /^index pending.only_one is not one/, /DROP INDEX auditproof.only_one;/],
  ["ALTER TABLE auditproof.entry ADD CHECK (id <> 'x')", 'ALTER TABLE auditproof.entry DROP CONSTRAINT entry_id_check', 'tables', /^check entry.entry_id_check/, /DROP CONSTRAINT entry_id_check/],
  ["ALTER TABLE auditproof.feed ALTER log SET DEFAULT 1", 'ALTER TABLE auditproof.feed ALTER log DROP DEFAULT', 'tables', /^column feed.log is not/, /restore/],
  ['CREATE TABLE public.more () INHERITS (auditproof.entry)', 'DROP TABLE public.more', 'tables beside ours', /^public.more adds rows to auditproof.entry$/, /ALTER TABLE public.more NO INHERIT auditproof.entry;/],
  ["CREATE TABLE public.old PARTITION OF auditproof.content FOR VALUES FROM ('1999-01-01') TO ('1999-02-01')", 'DROP TABLE public.old', 'tables beside ours', /^public.old is no month/, /DETACH PARTITION public.old;/],
  [`ALTER TABLE auditproof.content DETACH PARTITION auditproof.${partition(1)}`, `ALTER TABLE auditproof.content ATTACH PARTITION auditproof.${partition(1)} ${bounds(1)}`, 'months of content', new RegExp(`^no part of content: ${partition(1)};`), /ATTACH PARTITION auditproof/],
  [`ALTER TABLE auditproof.content DETACH PARTITION auditproof.${partition(2)}`, `ALTER TABLE auditproof.content ATTACH PARTITION auditproof.${partition(2)} ${bounds(2)}`, 'months of content', new RegExp(`^no part of content: ${partition(2)};`), /ATTACH/],
  [`DROP TABLE auditproof.${partition(1)}`, `CREATE TABLE auditproof.${partition(1)} PARTITION OF auditproof.content ${bounds(1)}; SELECT auditproof.guard_partition('${partition(1)}'); ALTER TABLE auditproof.${partition(1)} ${owned}`, 'months of content', new RegExp(`^no part of content: ${partition(1)};`), /CREATE TABLE auditproof.content_\d{4}_\d\d PARTITION OF auditproof.content FOR VALUES FROM \('\d{4}-\d\d-01'\) TO \('\d{4}-\d\d-01'\); SELECT auditproof.guard_partition/],
  ["INSERT INTO auditproof.content (month, log, idx, disclosures) VALUES ('1999-01-01', 1, 1, '')", 'ALTER TABLE auditproof.content_default DISABLE TRIGGER only_erased; DELETE FROM auditproof.content; ALTER TABLE auditproof.content_default ENABLE ALWAYS TRIGGER only_erased', 'content_default', /^holds 1 of 1999-01/, /docs\/postgresql.md/],
  ['ALTER ROLE {app} SUPERUSER', 'ALTER ROLE {app} NOSUPERUSER', 'login', /is a superuser: no guard binds it$/, /ALTER ROLE \S+ NOSUPERUSER;/],
  ['ALTER ROLE {app} BYPASSRLS', 'ALTER ROLE {app} NOBYPASSRLS', 'login', /bypasses row-level security/, /NOBYPASSRLS;/],
  ['GRANT auditproof_owner TO {app}', 'REVOKE auditproof_owner FROM {app}', 'login', /owns the tables/, /REVOKE auditproof_owner FROM/],
  ['GRANT pg_write_all_data TO {app}', 'REVOKE pg_write_all_data FROM {app}', 'login', /may write to all tables/, /REVOKE pg_write_all_data FROM/],
  ['GRANT auditproof_owner TO {writer}', 'REVOKE auditproof_owner FROM {writer}', 'other logins', /\(writer\) owns the tables/, /REVOKE auditproof_owner FROM/],
  ['ALTER ROLE {reader} SUPERUSER', 'ALTER ROLE {reader} NOSUPERUSER', 'other logins', /\(reader\) is a superuser/, /NOSUPERUSER/],
  ['ALTER DATABASE {database} SET synchronous_commit = off', 'ALTER DATABASE {database} RESET synchronous_commit', 'commits', /synchronous_commit=off for database auditproof_\w+$/, /ALTER DATABASE \S+ RESET synchronous_commit;/],
  ['ALTER ROLE {app} IN DATABASE {database} SET synchronous_commit = local', 'ALTER ROLE {app} IN DATABASE {database} RESET synchronous_commit', 'commits', /=local for role \S+ in database/, /ALTER ROLE \S+ IN DATABASE \S+ RESET/],
  ['ALTER ROLE {writer} SET synchronous_commit = remote_write', 'ALTER ROLE {writer} RESET synchronous_commit', 'commits', /=remote_write for role writer_\w+$/, /ALTER ROLE \S+ RESET/],
  ['ALTER DATABASE {database} SET session_replication_role = replica', 'ALTER DATABASE {database} RESET session_replication_role', 'session', /is replica \(database\)/, /RESET session_replication_role/],
]

describe('of a database inspect finds', () => {
  const filled = (sql: string): string =>
    sql
      .replace('{database}', new URL(database.url).pathname.slice(1))
      .replace(/\{(\w+)\}/, (_, kind: 'app') => new URL(database.urlOf(kind)).username)

  it.each(breaks)('%s', async (done, undone, name, detail, fix) => {
    await database.query(filled(done))
    try {
      expect(wrongOf(await inspectAs(database.appUrl))).toEqual([
        {
          name,
          ok: false,
          detail: expect.stringMatching(detail) as string,
          fix: expect.stringMatching(fix) as string,
        },
      ])
    } finally {
      await database.query(filled(undone))
    }
  })

  it('nothing where nothing is broken, as each login', async () => {
    for (const kind of ['app', 'writer', 'sequencer', 'reader', 'eraser'] as const)
      expect(wrongOf(await inspectAs(database.urlOf(kind)))).toEqual([])
  })

  it('what its own connection changes, and a clock that is another', async () => {
    expect(wrongOf(await inspectAs(`${database.appUrl}?options=-csynchronous_commit%3Doff`))).toEqual([
      expect.objectContaining({ name: 'commits', detail: 'a commit can be lost: synchronous_commit is off here' }),
    ])
    const behind = wrongOf(await inspectAs(database.appUrl, { now: () => Date.now() - 60_000 }))
    expect(behind).toEqual([expect.objectContaining({ name: 'clock of the server' })])
    expect(behind[0]!.detail).toMatch(/^(?:59|60)\.\d s ahead of this machine$/)
  })

  it('a login without any role, and says what one may not see', async () => {
    await database.query(`CREATE ROLE nobody_${suffix} LOGIN PASSWORD 'x'`)
    const url = new URL(database.url)
    Object.assign(url, { username: `nobody_${suffix}`, password: 'x' })
    const findings = await inspectAs(url.href)
    await database.query(`DROP ROLE nobody_${suffix}`)
    expect(wrongOf(findings).map(({ name }) => name)).toEqual(['login'])
    const writer = await inspectAs(database.urlOf('writer'))
    expect(writer.find(({ name }) => name === 'content_default')).toMatchObject({
      detail: expect.stringContaining('not looked at') as string,
    })
  })

  it('a gap between months worth knowing: nothing may have been recorded then', async () => {
    await database.query(`DROP TABLE auditproof.${partition(2)}`)
    const months = (await inspectAs(database.appUrl)).find(({ name }) => name === 'months of content')
    await database.query('SELECT auditproof.make_months(3)')
    expect(months).toMatchObject({ ok: true, detail: expect.stringContaining(`without ${partition(2)}`) as string })
    expect(months?.fix).toContain('verify')
  })

  it('an owner or superuser worth knowing where it is accepted', async () => {
    const [refused, accepted] = [await inspectAs(database.url), await inspectAs(database.url, { allowOwner: true })]
    expect(wrongOf(refused).map(({ name }) => name)).toEqual(['login'])
    expect(wrongOf(accepted)).toEqual([])
    expect(accepted.find(({ name }) => name === 'login')).toMatchObject({ ok: true, fix: expect.any(String) as string })
  })
})
