/**
 * Opening the file so that what it promises is true: each pragma that durability or erasure rests on is set at every
 * open and read back. (A driver compiled with another default silently stops fsyncing at the second open.)
 */
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AuditError } from '../../errors.ts'
import { syncDirectory } from './directory.ts'
import { openError } from './errors.ts'
import { busyTimeoutMs, openReadOnly, type OpenedReadOnly } from './open-read-only.ts'

/** The format of the file, kept in its `user_version`. */
export const storeFormat = 2

/** "audp" in the header of the file, so that `file` and we know it. */
const applicationId = 0x61756470

const pageBytes = 8192

/** Opens the store for writing; makes the file and its tables when there is none. */
export const openForWriting = (path: string, newStore: { name: string; createdAt: string }): DatabaseSync =>
  openDurably(path, (db) => createTables(db, newStore))

/** Opens or makes a file whose commits are durable, readable by its owner alone. */
export function openDurably(path: string, prepare: (db: DatabaseSync) => void): DatabaseSync {
  const isNew = !existsSync(path)
  try {
    if (isNew) makeFile(path)
    const db = new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: false })
    try {
      prepareConnection(db)
      prepare(db)
      if (isNew) syncDirectory(dirname(path))
      return db
    } catch (error) {
      db.close()
      throw error
    }
  } catch (error) {
    throw openError(error, path)
  }
}

/**
 * An empty file, 0600 from its first byte on; -wal and -shm take its mode. One that exists is never opened here: closing
 * any descriptor of a file takes away all POSIX locks that this process has on it, those of open connections too, and
 * another process would unlink the write-ahead log under them (https://sqlite.org/howtocorrupt.html section 2.2).
 */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    // Another process may have been first.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Opens for reading what exists. */
export function openForReading(path: string): OpenedReadOnly {
  if (!existsSync(path)) throw noStore(path)
  try {
    const opened = openReadOnly(path)
    const { db } = opened
    try {
      db.exec('PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -65536')
      if (checkFormat(db, path) === 0) throw noStore(path)
      return opened
    } catch (error) {
      db.close()
      throw error
    }
  } catch (error) {
    throw openError(error, path)
  }
}

const noStore = (path: string): AuditError =>
  new AuditError('store_unavailable', `There is no audit store at ${path}.`, {
    hint: 'name its directory with --data, or record a first event',
  })

/**
 * Copies the write-ahead log into the file, syncs the file and empties the log.
 * @param patiently waits for others that read or write; else they are left alone
 * @returns false where others were in the way
 */
export function emptyWal(db: DatabaseSync, patiently: boolean): boolean {
  if (!patiently) db.exec('PRAGMA busy_timeout = 0')
  try {
    return (db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number }).busy === 0
  } finally {
    db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
  }
}

export const pragma = (db: DatabaseSync, name: string): unknown =>
  Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]

function prepareConnection(db: DatabaseSync): void {
  db.exec(`PRAGMA page_size = ${pageBytes}`)
  db.exec('PRAGMA journal_mode = WAL')
  db.exec('PRAGMA synchronous = FULL')
  db.exec('PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON') // macOS: fsync alone does not reach the disk
  db.exec('PRAGMA secure_delete = ON') // what is erased is overwritten, not only unlinked
  db.exec('PRAGMA recursive_triggers = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -65536')
  expect(db, 'journal_mode', 'wal')
  expect(db, 'synchronous', 2)
  expect(db, 'secure_delete', 1)
}

function expect(db: DatabaseSync, name: string, wanted: unknown): void {
  const found = pragma(db, name)
  if (found !== wanted)
    throw new AuditError(
      'store_unavailable',
      `SQLite keeps ${name} at ${String(found)}; ${String(wanted)} is needed.`,
      {
        hint: 'the file system may not support it (network shares do not); put the data directory on a local disk',
      },
    )
}

function createTables(db: DatabaseSync, newStore: { name: string; createdAt: string }): void {
  if (checkFormat(db, 'The file') === storeFormat) return
  db.exec('BEGIN IMMEDIATE')
  try {
    // Another process may have been first.
    if (checkFormat(db, 'The file') !== storeFormat) {
      db.exec(readFileSync(new URL('schema.sql', import.meta.url), 'utf8'))
      db.prepare('INSERT INTO store (name, created_at) VALUES (?, ?)').run(newStore.name, newStore.createdAt)
      db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${storeFormat}`)
    }
    db.exec('COMMIT')
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/** @returns 0 for an empty file */
function checkFormat(db: DatabaseSync, where: string): number {
  const format = Number(pragma(db, 'user_version'))
  const id = Number(pragma(db, 'application_id'))
  const tables = Number(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()!['n'])
  if (format === 0 && id === 0 && tables === 0) return 0
  if (id !== applicationId)
    throw new AuditError('store_format', `${where} is an SQLite database, but no audit store.`, {
      hint: 'give auditproof a file of its own',
    })
  if (format !== storeFormat)
    throw new AuditError(
      'store_format',
      `${where} has format ${format}; this auditproof knows format ${storeFormat}.`,
      {
        hint: 'use the auditproof that wrote it, or a newer one',
      },
    )
  return format
}
