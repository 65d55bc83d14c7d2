/**
 * What transactions leave behind, in the application's own file. It is only touched through the application's handle: two
 * SQLite libraries on one file in one process drop each other's locks, which corrupts it.
 */
import type { SqliteHandle } from './handle.ts'

/** AUTOINCREMENT: a number is never used again, so that a row can be deleted by it whatever happened meanwhile. */
const create = `CREATE TABLE IF NOT EXISTS auditproof_pending (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL,
  submission TEXT NOT NULL,
  tried INTEGER NOT NULL DEFAULT 0
) STRICT`

export interface PendingRow {
  n: number
  submission: string
}

export function createPending(handle: SqliteHandle): void {
  handle.exec(create)
}

export function hasPending(handle: SqliteHandle): boolean {
  return (
    handle.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'auditproof_pending'").all().length > 0
  )
}

export function insertPending(handle: SqliteHandle, tenant: string, submission: string): void {
  handle.prepare('INSERT INTO auditproof_pending (tenant, submission) VALUES (?, ?)').run(tenant, submission)
}

/** Oldest first, behind them those that were refused. */
export function readPending(handle: SqliteHandle, limit: number): PendingRow[] {
  const rows = handle.prepare('SELECT n, submission FROM auditproof_pending ORDER BY tried, n LIMIT ?').all(limit)
  // A handle may be set to give arrays, or integers as BigInt.
  return rows.map((row) => {
    const [n, submission] = Object.values(row as object) as [number | bigint, string]
    return { n: Number(n), submission }
  })
}

const chosen = 'WHERE n IN (SELECT value FROM json_each(?))'

export function deletePending(handle: SqliteHandle, ns: readonly number[]): void {
  handle.prepare(`DELETE FROM auditproof_pending ${chosen}`).run(JSON.stringify(ns))
}

/** Puts rows behind the others. */
export function deferPending(handle: SqliteHandle, ns: readonly number[]): void {
  handle.prepare(`UPDATE auditproof_pending SET tried = tried + 1 ${chosen}`).run(JSON.stringify(ns))
}
