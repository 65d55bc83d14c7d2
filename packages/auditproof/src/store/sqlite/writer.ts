/**
 * The writing side of the SQLite store, synchronous; it runs in a thread of its own.
 *
 * One transaction a call. An error of the disk is never retried on the same connection: it is closed and opened
 * again, what the file holds is written back through a full checkpoint, and the ids settle what had been stored.
 */
import type { DatabaseSync } from 'node:sqlite'
import { AuditError } from '../../errors.ts'
import { parseJson, submissionFromText, type TakenSubmission } from '../../event/index.ts'
import type { Sources } from '../append-plan.ts'
import { systemSources } from '../sources.ts'
import { isRecorded, type AppendOutcome, type Erasure, type Publication, type PublishedCheckpoint } from '../store.ts'
import { Appender } from './append.ts'
import { IndexBuilder } from './build-index.ts'
import { Eraser } from './erase.ts'
import { damaged, isDamage, needsReopening, openError, storeError } from './errors.ts'
import { LogStates } from './log-states.ts'
import { emptyWal, openForWriting } from './open.ts'
import { CheckpointWriter } from './publish.ts'

export interface WriterOptions {
  path: string
  /** Used when the file is new. */
  newStoreName: string
}

/** What lives as long as one connection. */
interface Connection {
  db: DatabaseSync
  name: string
  states: LogStates
  appender: Appender
  publisher: CheckpointWriter
  eraser: Eraser
  indexBuilder: IndexBuilder
}

export class SqliteWriter {
  readonly #options: WriterOptions
  readonly #sources: Sources
  #connection: Connection | undefined
  /** Erased content may still stand in the write-ahead log: at the start that of a process before this one. */
  #walHoldsErased = true
  /** The disk has reported an error, and not everything that is visible was brought over since. */
  #doubtful = false
  /** The file has been opened before, and was a store. */
  #isStore = false
  #closed = false

  constructor(options: WriterOptions, sources: Sources = systemSources) {
    this.#options = options
    this.#sources = sources
  }

  /** Opens, and makes the store when there is none. @returns its name */
  open(): string {
    return this.#connect().name
  }

  append(batch: string): AppendOutcome[] {
    const submissions = parseJson(batch) as TakenSubmission[]
    return this.#transaction('append events', ({ appender }) => {
      const appended = appender.append(submissions)
      return { value: appended.outcomes, committed: () => appender.committed(appended) }
    })
  }

  drainPending(limit: number): AppendOutcome[] {
    return this.#transaction('drain pending events', ({ db, appender }) => {
      const rows = db.prepare('SELECT n, submission FROM pending ORDER BY tried, n LIMIT ?').all(limit) as {
        n: number
        submission: string
      }[]
      const stamp = { now: this.#sources.now(), newId: this.#sources.newId }
      const appended = appender.append(rows.map(({ submission }) => submissionFromText(submission, stamp)))
      const remove = db.prepare('DELETE FROM pending WHERE n = ?')
      const keep = db.prepare('UPDATE pending SET tried = tried + 1 WHERE n = ?')
      for (const [i, { n }] of rows.entries()) (isRecorded(appended.outcomes[i]!) ? remove : keep).run(n)
      return { value: appended.outcomes, committed: () => appender.committed(appended) }
    })
  }

  eraseContent(erasure: Erasure): AppendOutcome {
    const outcome = this.#transaction('erase content', ({ eraser, appender }) => {
      const appended = eraser.erase(erasure)
      return { value: appended.outcomes[0]!, committed: () => appender.committed(appended) }
    })
    this.#walHoldsErased = true
    this.#clearWal()
    return outcome
  }

  publish(publications: readonly Publication[]): void {
    this.#transaction('publish checkpoints', ({ publisher }) => {
      for (const publication of publications) publisher.publish(publication)
      return { value: undefined }
    })
    this.#clearWal()
  }

  keepCheckpoint(log: number): PublishedCheckpoint | undefined {
    return this.#transaction('keep a checkpoint', ({ publisher }) => ({ value: publisher.keep(log) }))
  }

  appendMeta(limit: number): number {
    return this.#transaction('append to the meta log', ({ publisher, appender }) => {
      const appended = publisher.appendMeta(limit)
      return { value: appended.count, committed: () => appender.committed(appended) }
    })
  }

  buildIndex(): number {
    return this.#transaction('build the search index', ({ indexBuilder }) => ({ value: indexBuilder.build() }))
  }

  close(): void {
    this.#closed = true
    this.#clearWal()
    this.#disconnect()
  }

  /** Runs `work` in one transaction, durable when this returns; after an error of the disk once more on a new connection. */
  #transaction<T>(doing: string, work: (connection: Connection) => { value: T; committed?: () => void }): T {
    try {
      return this.#attempt(work)
    } catch (error) {
      if (!needsReopening(error))
        throw this.#isStore && isDamage(error) ? damaged(error, doing) : storeError(error, doing)
      this.#disconnect()
      this.#doubtful = true
      try {
        return this.#attempt(work)
      } catch (again) {
        this.#disconnect()
        if (this.#isStore && isDamage(again)) throw damaged(again, doing)
        // The first attempt may have been stored all the same; only its ids can tell, once the store is back.
        const { message } = storeError(again, doing)
        throw new AuditError('outcome_unknown', message, {
          hint: 'record the event again with the same id',
          cause: again,
        })
      }
    }
  }

  #attempt<T>(work: (connection: Connection) => { value: T; committed?: () => void }): T {
    const connection = this.#connect()
    const { db } = connection
    db.exec('BEGIN IMMEDIATE')
    try {
      const { value, committed } = work(connection)
      db.exec('COMMIT')
      // Durable from here on: the commit has been fsynced (synchronous=FULL).
      committed?.()
      return value
    } catch (error) {
      connection.states.rolledBack()
      try {
        if (db.isTransaction) db.exec('ROLLBACK')
      } catch {
        this.#disconnect() // a connection that cannot roll back is of no use; the next call opens another
      }
      throw error
    }
  }

  #connect(): Connection {
    if (this.#closed) throw new AuditError('closed', 'The store is closed.')
    if (this.#connection !== undefined) return this.#connection
    const { path, newStoreName } = this.#options
    const db = openForWriting(path, { name: newStoreName, createdAt: this.#sources.now() })
    try {
      this.#bringOver(db)
    } catch (error) {
      db.close()
      throw this.#doubtful ? error : openError(error, path)
    }
    const name = this.#nameIn(db, path)
    this.#isStore = true
    const states = new LogStates(db, name)
    const appender = new Appender(db, states, this.#sources)
    const publisher = new CheckpointWriter(db, states, appender, this.#sources)
    const eraser = new Eraser(db, appender)
    this.#connection = { db, name, states, appender, publisher, eraser, indexBuilder: new IndexBuilder(db) }
    return this.#connection
  }

  #nameIn(db: DatabaseSync, path: string): string {
    try {
      return db.prepare('SELECT name FROM store').get()!['name'] as string
    } catch (error) {
      db.close()
      throw openError(error, path)
    }
  }

  /**
   * What stands in the write-ahead log of a process that died may never have been synced, and after a failed fsync the
   * pages in memory may be clean and the disk behind them. A full checkpoint copies all of it into the file anew and
   * syncs it, so that nothing is called a duplicate, hence stored, that a power cut could still take away. Where others
   * have the store open, what is visible was synced by them, and only a failure of our own makes us wait for them.
   */
  #bringOver(db: DatabaseSync): void {
    if (emptyWal(db, this.#doubtful)) this.#walHoldsErased = false
    else if (this.#doubtful)
      throw new AuditError('store_busy', 'The store cannot be brought back: another process is using it.', {
        hint: 'try again, with the same id',
      })
    this.#doubtful = false
  }

  #clearWal(): void {
    if (!this.#walHoldsErased || this.#connection === undefined) return
    try {
      this.#walHoldsErased = !emptyWal(this.#connection.db, false)
    } catch {
      // It stays due: tried again at the next publication and at close.
    }
  }

  #disconnect(): void {
    const connection = this.#connection
    this.#connection = undefined
    try {
      connection?.db.close()
    } catch {
      // Nothing depends on the old connection any more.
    }
  }
}
