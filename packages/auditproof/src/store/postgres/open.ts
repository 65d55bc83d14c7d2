/** Connecting, and what must hold before anything is recorded: the right schema, and a login that cannot get around it. */
import { AuditError } from '../../errors.ts'
import { isPooled } from './address.ts'
import type { PostgresPool } from './client.ts'
import type { ConnectionLimits, Connections, Role } from './connections.ts'
import type { Tx } from './transaction.ts'
import { postgresLimits } from './limits.ts'
import type { ListeningClient } from './listener.ts'
import { appliedMigrations, migrations } from './migrate.ts'

export interface PostgresOptions {
  /** A pool of `pg`, which stays the application's, or a URL, for which one is made. */
  database: PostgresPool | string
  /** Connections of the pool that is made for a URL. Default 8. */
  connections?: number
  /**
   * Accept a login that owns the tables or is a superuser, for development: such a one could get around every trigger and
   * policy. Default false.
   */
  allowOwner?: boolean
  /**
   * Address for the connection that hears of other processes' commits, which must not go through a pooler that changes
   * connections; false: none, they are found by asking. Default the address of `database`; none where that is a pool, or
   * says `?pgbouncer=true`.
   */
  listen?: string | false
  /**
   * Plan statements once a connection. Default true for an address, false for a pool and for one that says
   * `?pgbouncer=true`. Not through a pooler that changes connections between transactions and knows nothing of prepared
   * statements.
   */
  prepare?: boolean
  /** A connection that is not there after this long is given up, milliseconds. Default 10,000. */
  connectTimeoutMs?: number
  /** A statement that is not answered after this long is given up, with its connection, milliseconds. Default 60,000. */
  queryTimeoutMs?: number
}

export interface OpenedPool {
  pool: PostgresPool
  /** Ends the pool that was made; one that was given stays open. */
  end: () => Promise<void>
}

export async function openPool(options: PostgresOptions): Promise<OpenedPool> {
  const { database, connections = postgresLimits.connections } = options
  if (typeof database !== 'string') return { pool: database, end: async () => {} }
  const { Pool } = await importPg()
  const pool = new Pool({
    connectionString: database,
    max: connections,
    application_name: 'auditproof',
    connectionTimeoutMillis: limitsOf(options).connectTimeoutMs,
    keepAlive: true,
    pipeline: true,
  })
  pool.on('error', () => {}) // an idle connection was cut off: the next one is made when it is needed
  return { pool: pool as unknown as PostgresPool, end: () => pool.end() }
}

/** They hold for a pool of the application's as well, which may know none. */
export const limitsOf = ({
  connectTimeoutMs = postgresLimits.connectTimeoutMs,
  queryTimeoutMs = postgresLimits.queryTimeoutMs,
}: PostgresOptions): ConnectionLimits => ({ connectTimeoutMs, queryTimeoutMs })

export const prepares = ({ database, prepare = isDirect(database) }: PostgresOptions): boolean => prepare

const isDirect = (database: PostgresPool | string): database is string =>
  typeof database === 'string' && !isPooled(database)

/** @returns makes the connection that listens; undefined where there shall be none */
export function listeningClient(options: PostgresOptions): (() => Promise<ListeningClient>) | undefined {
  const { database, listen } = options
  const { connectTimeoutMs, queryTimeoutMs } = limitsOf(options)
  const address = listen ?? (isDirect(database) ? database : false)
  if (address === false) return undefined
  return async () => {
    const { Client } = await importPg()
    return new Client({
      connectionString: address,
      application_name: 'auditproof-listen',
      keepAlive: true,
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: queryTimeoutMs,
    })
  }
}

async function importPg(): Promise<(typeof import('pg'))['default']> {
  try {
    return (await import('pg')).default
  } catch (error) {
    throw new AuditError('store_unavailable', 'PostgreSQL needs the package pg, which is not installed.', {
      hint: 'npm install pg',
      cause: error,
    })
  }
}

/** The name of the store in the database; undefined while it has none. @throws AuditError `store_format` */
export const storedName = (connections: Connections): Promise<string | undefined> =>
  connections.look('open the store', async (tx) => {
    await checkSchema(tx)
    return (await tx.rows<{ name: string }>('SELECT name FROM auditproof.store'))[0]?.name
  })

export const hasStore = async (connections: Connections): Promise<boolean> =>
  (await storedName(connections)) !== undefined

export interface OpenedStore {
  /** The one given when the database had none. */
  name: string
  /** What becomes of what is recorded: appended; or, for want of the role, left in `pending` for another process. */
  records: 'appends' | 'leaves-pending' | 'nothing'
}

export function openStore(
  connections: Connections,
  { name, createdAt, allowOwner = false }: { name: string; createdAt: string; allowOwner?: boolean | undefined },
): Promise<OpenedStore> {
  return connections.write('open the store', undefined, async (tx) => {
    await checkSchema(tx)
    await checkLogin(tx, allowOwner)
    const [found] = await tx.rows<{ name: string }>('SELECT name FROM auditproof.store')
    const records = (await isMember(tx, 'auditproof_sequencer')) ? 'appends' : 'leaves-pending'
    if (found !== undefined) return { name: found.name, records }
    if (records !== 'appends')
      throw new AuditError('store_unavailable', 'There is no audit store yet, and this login may not make one.', {
        hint: 'start a process whose login has the role auditproof_sequencer first',
      })
    await tx.rows('SET LOCAL ROLE auditproof_sequencer')
    // Another process may be first: then its name is the one.
    await tx.rows(
      'INSERT INTO auditproof.store (name, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      name,
      createdAt,
    )
    const [made] = await tx.rows<{ name: string }>('SELECT name FROM auditproof.store')
    return { name: made!.name, records }
  })
}

async function isMember(tx: Tx, role: Role): Promise<boolean> {
  const [row] = await tx.rows<{ yes: boolean }>("SELECT pg_has_role(session_user, $1, 'MEMBER') AS yes", role)
  return row!.yes
}

async function checkSchema(tx: Tx): Promise<void> {
  const applied = await appliedMigrations((text, values = []) => tx.rows(text, ...values))
  const known = migrations().map(({ name }) => name)
  const missing = known.filter((name) => !applied.has(name))
  const unknown = [...applied.keys()].filter((name) => !known.includes(name))
  if (missing.length > 0)
    throw new AuditError('store_format', `The database lacks migrations of auditproof: ${missing.join(', ')}.`, {
      hint: 'run auditproof migrate with a login that may make tables',
    })
  if (unknown.length > 0)
    throw new AuditError(
      'store_format',
      `The database has migrations this auditproof does not know: ${unknown.join(', ')}.`,
      {
        hint: 'use the auditproof that made them, or a newer one',
      },
    )
}

export interface Login {
  login: string
  is_superuser: boolean
  bypasses: boolean
  is_owner: boolean
}

export async function readLogin(tx: Tx): Promise<Login> {
  const [login] = await tx.rows<Login>(
    `SELECT rolname AS login, rolsuper AS is_superuser, rolbypassrls AS bypasses,
       pg_has_role(rolname, 'auditproof_owner', 'MEMBER') AS is_owner
     FROM pg_catalog.pg_roles WHERE rolname = session_user`,
  )
  return login!
}

async function checkLogin(tx: Tx, allowOwner: boolean): Promise<void> {
  if (allowOwner) return
  const { login, is_superuser, bypasses, is_owner } = await readLogin(tx)
  const what = is_superuser
    ? 'is a superuser'
    : bypasses
      ? 'bypasses row-level security'
      : is_owner
        ? 'owns the tables'
        : ''
  if (what !== '')
    throw new AuditError(
      'store_unavailable',
      `Refusing to record as ${login}: this login ${what}, so no guard binds it.`,
      {
        hint: 'make a login of its own: CREATE ROLE app LOGIN PASSWORD …; GRANT auditproof_writer, auditproof_sequencer, auditproof_reader TO app; for development there is allowOwner',
      },
    )
}
