/** Brings the schema of a database up to date: plain `.sql` files, each once, all in one transaction. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { AuditError } from '../../errors.ts'
import type { PostgresPool, Row } from './client.ts'
import { storeError } from './errors.ts'

export interface Migration {
  name: string
  sql: string
  sha256: string
}

export interface MigrationReport {
  /** Applied now, or with `dryRun` to be applied. */
  applied: string[]
  /** There already. */
  present: string[]
}

const directory = new URL('migrations/', import.meta.url)

export function migrations(): Migration[] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.sql'))
  return names.sort().map((name) => {
    const sql = readFileSync(new URL(name, directory), 'utf8')
    return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') }
  })
}

/** The lock is the same in every version, so that old and new ones wait for each other. */
const lock = "SELECT pg_advisory_xact_lock(hashtext('auditproof.migrate'), 0)"

/**
 * Safe to run from several processes at once: the others wait, and find nothing left to do.
 * @param pool of a login that may make roles and a schema
 * @throws AuditError `store_format` where the database is newer, or an applied migration is not the one that is known
 */
export async function migrate(
  pool: PostgresPool,
  { dryRun = false }: { dryRun?: boolean } = {},
): Promise<MigrationReport> {
  const client = await pool.connect().catch((error: unknown) => {
    throw storeError(error, 'connect to the database')
  })
  try {
    await client.query({ text: 'BEGIN' })
    await client.query({ text: lock })
    const report = await bringUpToDate(async (text, values) => {
      const { rows } = (await client.query({ text, ...(values && { values: [...values] }) })) as { rows: Row[] }
      return rows
    }, dryRun)
    await client.query({ text: dryRun ? 'ROLLBACK' : 'COMMIT' })
    client.release()
    return report
  } catch (error) {
    client.release(true) // which rolls back
    throw migrationError(error)
  }
}

type Run = (text: string, values?: readonly unknown[]) => Promise<Row[]>

async function bringUpToDate(run: Run, dryRun: boolean): Promise<MigrationReport> {
  await checkEncoding(run)
  const applied = await appliedMigrations(run)
  const known = migrations()
  const unknown = [...applied.keys()].filter((name) => !known.some((one) => one.name === name))
  if (unknown.length > 0)
    throw new AuditError(
      'store_format',
      `The database has migrations this auditproof does not know: ${unknown.join(', ')}.`,
      {
        hint: 'use the auditproof that made them, or a newer one',
      },
    )
  const report: MigrationReport = { applied: [], present: [] }
  for (const { name, sql, sha256 } of known) {
    const found = applied.get(name)
    if (found !== undefined && found !== sha256)
      throw new AuditError('store_format', `Migration ${name} was applied with another text.`, {
        hint: 'a release never changes a migration: find out where this one comes from',
      })
    if (found !== undefined) report.present.push(name)
    else {
      report.applied.push(name)
      if (!dryRun) await apply(run, name, sql, sha256)
    }
  }
  return report
}

async function apply(run: Run, name: string, sql: string, sha256: string): Promise<void> {
  await run(sql)
  for (const statement of afterMigration(name, sha256)) await run(statement)
  await run('RESET ROLE')
}

/** Statements that note a migration as applied; name and digest are our own, and hold no quote. */
export const afterMigration = (name: string, sha256: string): string[] => [
  'SET LOCAL ROLE auditproof_owner',
  `CREATE TABLE IF NOT EXISTS auditproof.migration (
  name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
  'GRANT SELECT ON auditproof.migration TO auditproof_writer, auditproof_sequencer, auditproof_reader, auditproof_eraser',
  `INSERT INTO auditproof.migration (name, sha256) VALUES ('${name}', '${sha256}')`,
]

/** In another one, events would be refused for the letters they hold. @throws AuditError `store_format` */
export async function checkEncoding(run: Run): Promise<void> {
  const [row] = await run("SELECT current_setting('server_encoding') AS encoding")
  if (row?.['encoding'] !== 'UTF8')
    throw new AuditError('store_format', `The database has the encoding ${String(row?.['encoding'])}.`, {
      hint: "make one with UTF8: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0",
    })
}

/** @returns by name the digest of the text that was applied */
export async function appliedMigrations(run: Run): Promise<Map<string, string>> {
  const [there] = await run("SELECT to_regclass('auditproof.migration') IS NOT NULL AS there")
  if (there?.['there'] !== true) return new Map()
  const rows = await run('SELECT name, sha256 FROM auditproof.migration')
  return new Map(rows.map((row) => [row['name'] as string, row['sha256'] as string]))
}

function migrationError(error: unknown): AuditError {
  if ((error as { code?: unknown }).code !== '42501') return storeError(error, 'migrate the database')
  return new AuditError('store_unavailable', `Could not migrate: this login may not (${(error as Error).message}).`, {
    hint: 'use a login with CREATEROLE and CREATE on the database, or let its administrator run what auditproof migrate --print prints',
    cause: error,
  })
}
