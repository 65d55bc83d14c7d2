/** The doors inside transactions of the application: `audit.in(tx)` and `audit.transaction(db, fn)`. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { AuditError } from '../../errors.ts'
import type { Intake } from '../intake.ts'
import type { AwaitPublished } from '../ack.ts'
import type { Recorder } from '../recorder.ts'
import { adapterOf, described, transactionAdapterOf, type Adapter } from './adapters/index.ts'
import { JoinedHandleRecorder, JoinedRecorder } from './joined.ts'
import { HandleRecorder, TransactionRecorder, type SynchronousRecorder, type TransactionIntake } from './recorder.ts'
import { TransactionScope } from './scope.ts'
import { isInTransaction, isOpen, isSqliteHandle, type SqliteHandle } from './sqlite/handle.ts'
import type { CopyTarget } from './sqlite/handle-copier.ts'
import { Handles } from './sqlite/handles.ts'

/** What the doors need of the audit. */
export interface TransactionDoorOptions extends CopyTarget {
  intake: Intake
  awaitPublished: AwaitPublished
  /** Whether the store is one that other processes leave events in; a promise while that is not known yet. */
  isShared: () => boolean | Promise<boolean>
  /** Rows may have been committed to `pending`. */
  whenCommitted: () => void
  isClosed: () => boolean
}

export class TransactionDoor {
  readonly handles: Handles
  readonly #options: TransactionDoorOptions
  readonly #intake: TransactionIntake
  readonly #scopes = new AsyncLocalStorage<TransactionScope>()
  /** Events written in transactions so far, whatever became of those. */
  written = 0

  constructor(options: TransactionDoorOptions) {
    this.#options = options
    this.handles = new Handles(options)
    const { intake, awaitPublished } = options
    this.#intake = { ...intake, awaitPublished, written: () => (this.written += 1) }
  }

  in(tx: unknown): Recorder | SynchronousRecorder {
    if (isSqliteHandle(tx)) return this.#handleRecorder(tx)
    const adapter = transactionAdapterOf(tx)
    const scope = this.#openScope((open) => open.tx === tx)
    const recorder = this.#recorder(adapter, tx as object)
    return scope === undefined ? recorder : new JoinedRecorder(scope, recorder)
  }

  /** Of the transaction that the caller runs in, as long as it takes events. */
  current(): Recorder | undefined {
    const scope = this.#openScope(() => true)
    if (scope === undefined) return undefined
    const { tx } = scope
    return isSqliteHandle(tx)
      ? new JoinedHandleRecorder(scope, this.#handleRecorder(tx))
      : new JoinedRecorder(scope, this.#recorder(adapterOf(tx), tx))
  }

  transaction<R>(db: unknown, fn: (tx: never) => R | Promise<R>): R | Promise<R> {
    return isSqliteHandle(db) ? this.#onHandle(db, fn) : this.#onDatabase(db, fn)
  }

  async #onDatabase<R>(db: unknown, fn: (tx: never) => R | Promise<R>): Promise<R> {
    const adapter = adapterOf(db)
    const around = this.#openScope((open) => open.db === db || open.tx === db)
    if (around !== undefined) return this.#join(around, fn)
    const why = adapter.whyNotBegin(db as object)
    if (why !== undefined) throw noTransactionOn(db, why)
    const result = await adapter.begin(db as object, async (tx) => {
      const scope = new TransactionScope(db as object, tx, this.#scopes.getStore())
      let value: R
      try {
        value = await this.#scopes.run(scope, async () => fn(tx as never))
      } finally {
        // Before COMMIT or ROLLBACK: whatever is recorded later must not go into a transaction that has ended.
        await scope.settle()
      }
      scope.check()
      return value
    })
    this.#options.whenCommitted()
    return result
  }

  /** One transaction for both: what fails inside fails all of it. The outer one waits for the inner one. */
  #join<R>(scope: TransactionScope, fn: (tx: never) => R | Promise<R>): Promise<R> {
    const joined = this.#scopes.run(scope, async () => fn(scope.tx as never))
    scope.add(joined)
    return joined
  }

  #onHandle<R>(handle: SqliteHandle, fn: (tx: never) => R | Promise<R>): R {
    const around = this.#openScope((open) => open.db === handle)
    if (around !== undefined) return this.#joinOnHandle(around, fn)
    if (!isOpen(handle)) throw noTransactionOn(handle, 'it is closed')
    if (isInTransaction(handle)) throw noTransactionOn(handle, 'it is in one already: use audit.in(handle).record(…)')
    const copier = this.handles.of(handle)
    const scope = new TransactionScope(handle, handle, this.#scopes.getStore())
    // Immediate: it will write, and a transaction that begins by reading may find that it cannot.
    handle.exec('BEGIN IMMEDIATE')
    let result: R
    try {
      result = this.#scopes.run(scope, () => synchronous(fn, handle))
      scope.end()
      scope.check()
      if (!isInTransaction(handle)) throw endedInside()
      handle.exec('COMMIT')
    } catch (error) {
      scope.end()
      if (isOpen(handle) && isInTransaction(handle)) handle.exec('ROLLBACK')
      throw error
    }
    copier.nudge()
    return result
  }

  #joinOnHandle<R>(scope: TransactionScope, fn: (tx: never) => R | Promise<R>): R {
    try {
      return this.#scopes.run(scope, () => synchronous(fn, scope.tx))
    } catch (error) {
      scope.fail(error)
      throw error
    }
  }

  #openScope(fits: (scope: TransactionScope) => boolean): TransactionScope | undefined {
    for (let scope = this.#scopes.getStore(); scope !== undefined; scope = scope.outer)
      if (scope.isOpen && fits(scope)) return scope
    return undefined
  }

  #handleRecorder(handle: SqliteHandle): SynchronousRecorder {
    const copier = this.handles.of(handle)
    return new HandleRecorder(this.#intake, (tenant, submission) => {
      if (this.#options.isClosed()) throw closed()
      copier.insert(tenant, submission)
    })
  }

  #recorder(adapter: Adapter, tx: object): Recorder {
    return new TransactionRecorder(this.#intake, async (tenant, submission) => {
      if (this.#options.isClosed()) throw closed()
      // Awaited only where it must be: the INSERT is sent in the call, before what the caller does next.
      const isShared = this.#options.isShared()
      if (!(typeof isShared === 'boolean' ? isShared : await isShared))
        throw new AuditError('usage', `The store of this audit does not find what is left in ${adapter.library}.`, {
          hint: 'give createAudit the PostgreSQL database that the transaction is on',
        })
      const why = adapter.whyNotOpen(tx)
      if (why !== undefined) throw new AuditError('usage', `Nothing can be recorded in this transaction: ${why}.`)
      try {
        await adapter.insert(tx, tenant, submission)
      } catch (cause) {
        throw notWritten(adapter, cause)
      }
    })
  }
}

/** @throws AuditError `usage` for a function that goes on after it has returned */
function synchronous<R>(fn: (tx: never) => R | Promise<R>, handle: object): R {
  if (fn.constructor.name === 'AsyncFunction') throw isAsync()
  const result = fn(handle as never)
  if (typeof (result as { then?: unknown } | undefined | null)?.then !== 'function') return result as R
  ;(result as Promise<R>).then(undefined, () => {}) // it was refused, whatever it ends with
  throw isAsync()
}

const isAsync = (): AuditError =>
  new AuditError('usage', 'The function given to audit.transaction on an SQLite handle must be synchronous.', {
    hint: 'wait for what it needs before the transaction; inside it, record() need not be awaited',
  })

const endedInside = (): AuditError =>
  new AuditError('transaction_failed', 'The transaction was ended inside audit.transaction, by the function or SQLite.')

const noTransactionOn = (db: unknown, why: string): AuditError =>
  new AuditError('usage', `No transaction can begin on ${described(db)}: ${why}.`)

const closed = (): AuditError =>
  new AuditError('closed', 'The audit is closed; this event was not recorded.', { hint: 'record before close()' })

const notWritten = (adapter: Adapter, cause: unknown): AuditError =>
  new AuditError(
    'transaction_failed',
    `The event could not be written in the transaction (${adapter.library}): ${cause instanceof Error ? cause.message : String(cause)}`,
    { hint: 'roll back; auditproof.pending must be there (auditproof migrate), and this role may INSERT there', cause },
  )
