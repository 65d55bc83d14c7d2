/** The server itself: which one, what it promises of a commit, and its clock. */
import type { Inspection } from '../../store.ts'
import type { Tx } from '../transaction.ts'

const versionMin = 150_000
const clockApartMs = 2_000
const oldTransactionMs = 3_600_000

export async function inspectServer(tx: Tx, now: () => number): Promise<Inspection[]> {
  return [await ofVersion(tx), ...(await ofCommits(tx)), await ofSession(tx), await ofClock(tx, now), await ofOld(tx)]
}

async function ofVersion(tx: Tx): Promise<Inspection> {
  const [row] = await tx.rows<{ version: string; number: number; encoding: string }>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
       current_setting('server_encoding') AS encoding`,
  )
  const { version, number, encoding } = row!
  const detail = `PostgreSQL ${version}, ${encoding}`
  if (number < versionMin)
    return { name: 'server', ok: false, detail: `${detail}: 15 is needed`, fix: 'upgrade the server' }
  if (encoding !== 'UTF8')
    return { name: 'server', ok: false, detail, fix: "CREATE DATABASE other ENCODING 'UTF8' TEMPLATE template0; and migrate there" } // prettier-ignore
  return { name: 'server', ok: true, detail }
}

async function ofCommits(tx: Tx): Promise<Inspection[]> {
  const [row] = await tx.rows<{ level: string; fsync: string; pages: string; standbys: string; standby: boolean }>(
    `SELECT current_setting('synchronous_commit') AS level, current_setting('fsync') AS fsync,
       current_setting('full_page_writes') AS pages, current_setting('synchronous_standby_names') AS standbys,
       pg_is_in_recovery() AS standby`,
  )
  const { level, fsync, pages, standbys, standby } = row!
  const lax = await tx.rows<{ place: string; setting: string; fix: string }>(
    `SELECT concat_ws(' in ', 'role ' || rolname, 'database ' || datname) AS place, setting,
       concat_ws(' ', CASE WHEN rolname IS NULL THEN 'ALTER DATABASE ' || quote_ident(datname)
         ELSE 'ALTER ROLE ' || quote_ident(rolname) || coalesce(' IN DATABASE ' || quote_ident(datname), '') END, 'RESET synchronous_commit;') AS fix
     FROM pg_catalog.pg_db_role_setting LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = setrole
       LEFT JOIN pg_catalog.pg_database AS d ON d.oid = setdatabase, unnest(setconfig) AS setting
     WHERE setting ~ '^synchronous_commit=' AND setting !~ '=(on|remote_apply|true|yes|1)$'
       AND (setdatabase = 0 OR datname = current_database())
       AND (setrole = 0 OR (SELECT bool_or(pg_has_role(setrole, oid, 'USAGE')) FROM pg_catalog.pg_roles
         WHERE rolname IN ('auditproof_writer', 'auditproof_sequencer', 'auditproof_eraser')))`,
  )
  const wrong = [
    ...lax.map(({ place, setting, fix }) => ({ detail: `${setting} for ${place}`, fix })),
    ...(lax.length > 0 || level === 'on' || level === 'remote_apply'
      ? []
      : [{ detail: `synchronous_commit is ${level} here`, fix: 'ALTER SYSTEM RESET synchronous_commit; SELECT pg_reload_conf(); and look at the options of the connection' }]), // prettier-ignore
    ...(fsync === 'on' ? [] : [{ detail: 'fsync is off', fix: 'ALTER SYSTEM RESET fsync; SELECT pg_reload_conf();' }]),
    ...(pages === 'on' ? [] : [{ detail: 'full_page_writes is off', fix: 'ALTER SYSTEM RESET full_page_writes; SELECT pg_reload_conf();' }]), // prettier-ignore
  ]
  const commits: Inspection =
    wrong.length === 0
      ? { name: 'commits', ok: true, detail: `synchronous_commit ${level}, fsync on, full_page_writes on` }
      : {
          name: 'commits',
          ok: false,
          detail: `a commit can be lost: ${wrong.map(({ detail }) => detail).join(', ')}`,
          fix: wrong.map(({ fix }) => fix).join(' '),
        }
  const copies = standby
    ? 'this server is a standby, and can only be read'
    : standbys === ''
      ? 'none that a commit waits for: what the disk of this server loses is in no other place'
      : `a commit waits for ${standbys}`
  return [commits, { name: 'standbys', ok: true, detail: copies }]
}

async function ofSession(tx: Tx): Promise<Inspection> {
  const [row] = await tx.rows<{ role: string; source: string }>(
    "SELECT setting AS role, source FROM pg_catalog.pg_settings WHERE name = 'session_replication_role'",
  )
  const { role, source } = row!
  if (role === 'origin') return { name: 'session', ok: true, detail: 'session_replication_role origin' }
  return {
    name: 'session',
    ok: false,
    detail: `session_replication_role is ${role} (${source}): triggers of the application do not fire; those of auditproof do`,
    fix: 'take it out of the settings of the role, the database or the connection: ALTER ROLE … RESET session_replication_role;',
  }
}

async function ofClock(tx: Tx, now: () => number): Promise<Inspection> {
  const before = now()
  const [row] = await tx.rows<{ at: number }>(
    'SELECT extract(epoch FROM clock_timestamp())::double precision * 1000 AS at',
  )
  const after = now()
  const apart = row!.at < before ? row!.at - before : row!.at > after ? row!.at - after : 0
  const text = `${(Math.abs(apart) / 1000).toFixed(1)} s ${apart < 0 ? 'behind' : 'ahead of'} this machine`
  if (Math.abs(apart) <= clockApartMs)
    return { name: 'clock of the server', ok: true, detail: 'as that of this machine' }
  return { name: 'clock of the server', ok: false, detail: text, fix: 'check both clocks (NTP): months are made by that of the server' } // prettier-ignore
}

/** What is never ended keeps deleted rows from being cleared away, erased content among them. */
async function ofOld(tx: Tx): Promise<Inspection> {
  const old = await tx.rows<{ what: string; fix: string }>(
    `SELECT format('prepared transaction %s of %s', gid, owner) AS what, format('ROLLBACK PREPARED %L;', gid) AS fix
     FROM pg_catalog.pg_prepared_xacts WHERE database = current_database() AND prepared < now() - make_interval(secs => $1)
     UNION ALL SELECT format('transaction of process %s, %s', pid, coalesce(state, 'of another login')), format('SELECT pg_terminate_backend(%s);', pid)
     FROM pg_catalog.pg_stat_activity WHERE datname = current_database() AND xact_start < now() - make_interval(secs => $1)`,
    oldTransactionMs / 1000,
  )
  const name = 'old transactions'
  if (old.length === 0) return { name, ok: true, detail: 'none older than an hour' }
  return {
    name,
    ok: true,
    detail: `${old.map(({ what }) => what).join(', ')}: open for more than an hour, so what was erased since stays on the disk`,
    fix: `if nobody needs it: ${old.map(({ fix }) => fix).join(' ')}`,
  }
}
