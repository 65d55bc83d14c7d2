/** Making room for another store without losing the one that is there: its files are moved, never deleted. */
import { existsSync, renameSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AuditError } from '../../errors.ts'
import { makeDirectory, syncDirectory } from './directory.ts'
import { isDamage, storeError } from './errors.ts'

/** A write-ahead log that was left behind would be read into whatever file gets the name of the store. */
const endings = ['', '-wal', '-shm', '-journal']

export const isTaken = (path: string): boolean => endings.some((ending) => existsSync(path + ending))

/**
 * Moves the store at `path`, with what stands beside it, into the directory `into`.
 * @throws AuditError `store_busy` while any process has it open: that one would go on writing to what was moved away
 */
export function setAside(path: string, into: string): void {
  const db = existsSync(path) ? lockAll(path) : undefined
  try {
    makeDirectory(into)
    for (const ending of endings)
      if (existsSync(path + ending)) renameSync(path + ending, join(into, basename(path) + ending))
    syncDirectory(into)
    syncDirectory(dirname(path))
  } finally {
    db?.close()
  }
}

/** The lock of whoever is alone with the file. A file that is damaged nobody can have open, and it is moved as it is. */
function lockAll(path: string): DatabaseSync | undefined {
  const db = new DatabaseSync(path, { timeout: 1_000 })
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT')
    return db
  } catch (error) {
    db.close()
    if (isDamage(error)) return undefined
    const said = storeError(error, `move ${path} aside`)
    throw said.code === 'store_busy'
      ? new AuditError('store_busy', `${path} is in use by another process.`, {
          hint: 'stop everything that records into it or serves it, and try again',
          cause: error,
        })
      : said
  }
}
