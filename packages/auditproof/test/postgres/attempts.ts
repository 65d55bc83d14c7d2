/**
 * What each role must not be able to do, as SQL, and what it must: the ways around an audit table that were found in the
 * systems this one replaces, and those of PostgreSQL itself.
 */
export type Kind = 'writer' | 'sequencer' | 'reader' | 'eraser'

export interface Attempt {
  sql: string
  /** SQLSTATE of the refusal; undefined: it is allowed, and changes nothing. */
  refused: string | undefined
  by: readonly Kind[]
}

const all: readonly Kind[] = ['writer', 'sequencer', 'reader', 'eraser']
/** insufficient_privilege: grants, triggers and policies alike. */
const forbidden = '42501'

export const appendOnly: readonly string[] = ['store', 'log', 'entry', 'tile', 'checkpoint', 'erasure', 'feed']
export const tables: readonly string[] = [
  ...appendOnly, 'content', 'head', 'posting', 'carried', 'node', 'leaf_times', 'carrying', 'pending',
] // prettier-ignore

/** In each table one column, and a value of its type that is there or could be. */
const columns: readonly [table: string, column: string, value: string][] = [
  ['store', 'name', "'x'"],
  ['log', 'tenant', "'x'"],
  ['entry', 'entry', "'x'"],
  ['tile', 'hashes', "'\\x00'"],
  ['checkpoint', 'note', "'x'"],
  ['erasure', 'by_idx', '0'],
  ['feed', 'to_idx', '0'],
  ['content', 'disclosures', "'x'"],
]

const refuse = (sql: string, by: readonly Kind[] = all, refused = forbidden): Attempt => ({ sql, by, refused })
const allow = (sql: string, by: readonly Kind[]): Attempt => ({ sql, by, refused: undefined })

export const attempts: readonly Attempt[] = [
  // Changing and deleting what is there, row by row.
  ...columns.map(([table, column, value]) => refuse(`UPDATE auditproof.${table} SET ${column} = ${value}`)),
  ...appendOnly.map((table) => refuse(`DELETE FROM auditproof.${table}`)),
  refuse('DELETE FROM auditproof.content'), // the eraser has the right: the trigger looks for a recorded erasure
  refuse('DELETE FROM auditproof.posting'),
  refuse('DELETE FROM auditproof.head'),
  refuse('DELETE FROM auditproof.node'),
  refuse('DELETE FROM auditproof.pending', ['writer', 'reader']),
  refuse("UPDATE auditproof.pending SET submission = '{}'"),
  refuse("UPDATE auditproof.posting SET offsets = '0'", ['sequencer', 'eraser']),
  refuse("UPDATE auditproof.posting SET key = key || 'x'", ['sequencer', 'eraser']),
  refuse('UPDATE auditproof.head SET size = size - 1'),
  refuse('UPDATE auditproof.head SET note_size = 0'),
  refuse('UPDATE auditproof.head SET meta_size = meta_size - 1'),
  refuse('UPDATE auditproof.head SET log = log + 100'),
  refuse(
    `INSERT INTO auditproof.entry SELECT * FROM auditproof.entry ON CONFLICT (log, idx) DO UPDATE SET entry = 'x'`,
  ),
  refuse(`MERGE INTO auditproof.entry AS e USING (VALUES (1)) AS v ON true WHEN MATCHED THEN UPDATE SET entry = 'x'`),
  // All rows at once, where no row trigger fires.
  ...tables.map((table) => refuse(`TRUNCATE auditproof.${table} CASCADE`)),
  refuse('TRUNCATE auditproof.content_default'),
  refuse('DELETE FROM auditproof.content_default'),
  refuse('SELECT FROM auditproof.content_default'),
  refuse("ALTER TABLE auditproof.entry ALTER entry TYPE text USING 'rewritten'"),
  refuse('ALTER TABLE auditproof.entry DISABLE TRIGGER ALL'),
  refuse('ALTER TABLE auditproof.content_default DISABLE TRIGGER only_erased'),
  refuse('ALTER TABLE auditproof.entry DISABLE ROW LEVEL SECURITY'),
  refuse('ALTER TABLE auditproof.entry NO FORCE ROW LEVEL SECURITY'),
  refuse('ALTER TABLE auditproof.content DETACH PARTITION auditproof.content_default'),
  refuse('ALTER TABLE auditproof.entry OWNER TO CURRENT_USER'),
  refuse('ALTER TABLE auditproof.entry SET UNLOGGED'),
  refuse('DROP TRIGGER append_only ON auditproof.entry'),
  refuse('DROP TABLE auditproof.entry'),
  refuse('DROP SCHEMA auditproof CASCADE'),
  refuse('DROP POLICY reader ON auditproof.entry'),
  refuse('CREATE POLICY mine ON auditproof.entry USING (true)'),
  refuse('CREATE RULE mine AS ON INSERT TO auditproof.entry DO INSTEAD NOTHING'),
  refuse('CREATE TRIGGER mine BEFORE INSERT ON auditproof.entry FOR EACH ROW EXECUTE FUNCTION auditproof.refuse()'),
  refuse('CREATE INDEX ON auditproof.entry (entry)'),
  refuse('CREATE TABLE auditproof.mine ()'),
  refuse(
    'CREATE TABLE auditproof.content_mine PARTITION OF auditproof.content FOR VALUES FROM (MINVALUE) TO (MAXVALUE)',
  ),
  refuse('CREATE FUNCTION auditproof.mine() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$'),
  refuse("CREATE OR REPLACE FUNCTION auditproof.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"),
  refuse('ALTER FUNCTION auditproof.make_months(int) SECURITY INVOKER'),
  refuse('SET session_replication_role = replica'),
  // Numbers are given by the database.
  refuse("SELECT setval('auditproof.pending_n_seq', 1)"),
  refuse("SELECT nextval('auditproof.log_log_seq')"),
  refuse('SELECT last_value FROM auditproof.pending_n_seq'),
  refuse('ALTER SEQUENCE auditproof.log_log_seq RESTART'),
  refuse(
    "INSERT INTO auditproof.log (log, tenant, origin, created_at) OVERRIDING SYSTEM VALUE VALUES (77, 'x', 'x', 'x')",
  ),
  refuse("INSERT INTO auditproof.pending (n, tenant, submission) OVERRIDING SYSTEM VALUE VALUES (-1, 'x', '{}')"),
  refuse("INSERT INTO auditproof.pending (tenant, submission, tried) VALUES ('x', '{}', -1)"),
  refuse("INSERT INTO auditproof.migration (name, sha256) VALUES ('999', 'x')"),
  refuse('DELETE FROM auditproof.migration'),
  // Reading what is not one's own.
  refuse('SELECT * FROM auditproof.pending', ['writer', 'reader']),
  refuse("INSERT INTO auditproof.pending (tenant, submission) VALUES ('x', '{}') RETURNING n", ['writer']),
  ...tables.filter((table) => table !== 'store').map((table) => refuse(`SELECT FROM auditproof.${table}`, ['writer'])),
  ...tables
    .filter((table) => !['log', 'pending'].includes(table))
    .map((table) => refuse(`INSERT INTO auditproof.${table} SELECT * FROM auditproof.${table}`, ['writer', 'reader'])),
  refuse("INSERT INTO auditproof.log (tenant, origin, created_at) VALUES ('x', 'x', 'x')", ['writer', 'reader']),
  refuse("INSERT INTO auditproof.pending (tenant, submission) VALUES ('x', '{}')", ['reader']),
  // The files of the server, and programs on it.
  refuse("COPY auditproof.store TO '/tmp/auditproof-copy'"),
  refuse("COPY auditproof.store FROM '/etc/passwd'"),
  refuse("COPY auditproof.store TO PROGRAM 'cat'"),
  refuse("SELECT lo_import('/etc/passwd')"),
  refuse("SELECT lo_export(1, '/tmp/auditproof-copy')"),
  refuse("SELECT pg_read_file('/etc/passwd')"),
  refuse("SELECT pg_stat_file('global')"),
  refuse('CREATE EXTENSION dblink'),
  refuse('CREATE EXTENSION postgres_fdw'),
  refuse("CREATE FUNCTION pg_temp.mine() RETURNS int LANGUAGE c AS 'mine'"),
  // Other roles, and functions of the owner's.
  refuse('SET ROLE auditproof_owner'),
  refuse('SET SESSION AUTHORIZATION auditproof_owner'),
  refuse('SET ROLE postgres'),
  refuse('SET ROLE auditproof_sequencer', ['writer', 'reader', 'eraser']),
  refuse('SET ROLE auditproof_reader', ['writer', 'sequencer']),
  refuse('SET ROLE auditproof_eraser', ['writer', 'sequencer', 'reader']),
  refuse('SET ROLE auditproof_writer', ['sequencer', 'reader']),
  refuse('GRANT auditproof_owner TO CURRENT_USER'),
  refuse('CREATE ROLE mine SUPERUSER', all),
  refuse("SELECT auditproof.guard_partition('content_default')"),
  refuse('SELECT auditproof.make_months(1)', ['writer', 'reader']),
  refuse('SELECT auditproof.make_months(100000)', ['sequencer', 'eraser'], 'P0001'),
  refuse('SELECT auditproof.reads_all()', ['writer', 'sequencer']),

  // What each is there for.
  allow("INSERT INTO auditproof.pending (tenant, submission) VALUES ('x', '{}')", ['writer', 'sequencer', 'eraser']),
  allow('SELECT name FROM auditproof.store', all),
  allow('SELECT name FROM auditproof.migration', all),
  allow('SELECT * FROM auditproof.content', ['sequencer', 'reader', 'eraser']),
  allow('SELECT auditproof.make_months(3)', ['sequencer', 'eraser']),
  allow("INSERT INTO auditproof.log (tenant, origin, created_at) VALUES ('x', 'x', 'x')", ['sequencer', 'eraser']),
  allow('UPDATE auditproof.head SET size = size + 1', ['sequencer', 'eraser']),
  allow('DELETE FROM auditproof.pending', ['sequencer', 'eraser']),
  allow('UPDATE auditproof.pending SET tried = tried + 1', ['sequencer', 'eraser']),
]
