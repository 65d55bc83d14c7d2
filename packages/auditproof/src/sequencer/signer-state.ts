/**
 * `signer.db`: what was signed last, for each log. Its commits are durable, its lock is the mutex between processes. As
 * with the store, a connection on which the disk has reported an error is not used again.
 */
import { chmodSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { AuditError } from '../errors.ts'
import { isDamage, needsReopening, storeError } from '../store/sqlite/errors.ts'
import { emptyWal, openDurably } from '../store/sqlite/open.ts'

export class SignerState {
  readonly #path: string
  #db: DatabaseSync | undefined
  /** The disk has reported an error, and not everything that is visible was brought over since. */
  #doubtful = false

  constructor(path: string) {
    this.#path = path
    this.#connect()
    chmodSync(path, 0o600)
  }

  /** Runs `work` in one transaction, durable when this returns; after an error of the disk once more, on a new connection. */
  transaction<T>(work: (db: DatabaseSync) => T): T {
    try {
      return this.#attempt(work)
    } catch (error) {
      if (!needsReopening(error)) throw stateError(error, this.#path)
      this.#disconnect()
      this.#doubtful = true
    }
    try {
      return this.#attempt(work)
    } catch (again) {
      this.#disconnect()
      throw stateError(again, this.#path)
    }
  }

  close(): void {
    this.#disconnect()
  }

  #attempt<T>(work: (db: DatabaseSync) => T): T {
    const db = this.#connect()
    db.exec('BEGIN IMMEDIATE')
    try {
      const value = work(db)
      db.exec('COMMIT')
      return value
    } catch (error) {
      try {
        if (db.isTransaction) db.exec('ROLLBACK')
      } catch {
        this.#disconnect() // a connection that cannot roll back is of no use
      }
      throw error
    }
  }

  #connect(): DatabaseSync {
    if (this.#db !== undefined) return this.#db
    const db = openDurably(this.#path, (opened) => opened.exec(schema))
    try {
      // What a process before this one, or a failed commit, left in the write-ahead log may never have been synced. Where
      // others have the file open they synced it, and only a failure of our own makes us wait for them.
      if (!emptyWal(db, this.#doubtful) && this.#doubtful)
        throw new AuditError('store_busy', `${this.#path} cannot be brought back: another process is using it.`)
      this.#doubtful = false
    } catch (error) {
      db.close()
      throw error
    }
    this.#db = db
    return db
  }

  #disconnect(): void {
    const db = this.#db
    this.#db = undefined
    try {
      db?.close()
    } catch {
      // Nothing depends on the old connection any more.
    }
  }
}

const schema =
  'CREATE TABLE IF NOT EXISTS signed (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL) STRICT'

/** Nothing that was recorded depends on it: it is signed when the state can be written again. */
function stateError(error: unknown, path: string): AuditError {
  const said = storeError(error, `use the state of the signer at ${path}`)
  if (isDamage(error))
    return new AuditError('store_corrupt', said.message, {
      hint: 'bring back a copy of it; or move it away: then it is made again from the newest checkpoints in the store',
      cause: error,
    })
  if (said.code !== 'outcome_unknown') return said
  return new AuditError('store_unavailable', said.message, {
    hint: 'the disk reported an error, see the system log; what was recorded is kept, and signed when this works again',
    cause: error,
  })
}
