/**
 * Brings what transactions on one SQLite handle have left behind into the logs: copied, durable there, and only then
 * deleted. Never while a transaction is open on the handle: what it wrote may yet be rolled back.
 */
import { AuditError } from '../../../errors.ts'
import { formatTime, submissionFromText } from '../../../event/index.ts'
import { isRecorded, type AppendOutcome } from '../../../store/store.ts'
import { derivedId } from '../../intake.ts'
import { recorderLimits } from '../../limits.ts'
import { isInTransaction, isOpen, type SqliteHandle } from './handle.ts'
import {
  createPending, deferPending, deletePending, hasPending, insertPending, readPending, type PendingRow,
} from './pending-table.ts' // prettier-ignore

const { handleRows, handleTickMs, handleRetryMaxMs } = recorderLimits

/** What copying needs of the audit. */
export interface CopyTarget {
  append: (batch: readonly string[]) => Promise<AppendOutcome[]>
  /** Key for ids of rows that are no submissions. */
  idKey: () => Uint8Array
}

export class HandleCopier {
  readonly #handle: SqliteHandle
  readonly #target: CopyTarget
  #tableIsThere = false
  /** There may be rows. */
  #expecting = false
  /** In the log, but in the table still. */
  #copied: number[] = []
  #refused: number[] = []
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #failures = 0
  #closed = false
  sequenced = 0
  rejected = 0
  /** Why the last round failed or left rows behind; undefined when all went well. */
  lastError: AuditError | undefined

  constructor(handle: SqliteHandle, target: CopyTarget) {
    this.#handle = handle
    this.#target = target
  }

  get isOpen(): boolean {
    return isOpen(this.#handle)
  }

  /** Makes the table where that can be done outside a transaction, and copies what a process before this one left. */
  begin(): void {
    if (!this.#isFree) return
    this.#touch(() => createPending(this.#handle))
    this.#tableIsThere = true
    this.nudge()
  }

  /** Writes a row in the open transaction. @throws AuditError `usage` where there is none, `transaction_failed` */
  insert(tenant: string, submission: string): void {
    if (!this.isOpen || !isInTransaction(this.#handle))
      throw new AuditError('usage', 'The SQLite handle is in no transaction.', {
        hint: 'say BEGIN first, or use audit.transaction(handle, fn)',
      })
    this.#touch(() => {
      // Made inside a transaction, the table goes with it when that is rolled back.
      if (!this.#tableIsThere) createPending(this.#handle)
      insertPending(this.#handle, tenant, submission)
    })
    this.nudge()
  }

  /** There may be rows: looks for them when this turn of the event loop is over, and goes on until they are copied. */
  nudge(): void {
    this.#expecting = true
    if (!this.#closed && this.#running === undefined) this.#after(0)
  }

  /** Resolves when all rows that were there are in the logs. @throws AuditError where that failed */
  async copyAll(): Promise<void> {
    this.#expecting = true
    await this.#running
    await this.#start()
    if (this.lastError !== undefined) throw this.lastError
  }

  /** Copies what is left, and stops. @throws AuditError where something stays */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#running
    if (!this.#expecting || !this.isOpen) return
    await this.#start()
    if (this.lastError !== undefined) throw this.lastError
    if (this.#expecting)
      throw new AuditError('transaction_failed', 'A transaction is still open on an SQLite handle with events in it.', {
        hint: 'audit.attach(handle) finds them at the next start, once they are committed',
      })
  }

  /** Rows may be read, and deleted for good. */
  get #isFree(): boolean {
    return this.isOpen && !isInTransaction(this.#handle)
  }

  #touch(write: () => void): void {
    try {
      write()
    } catch (cause) {
      throw new AuditError('transaction_failed', `The event could not be written: ${messageOf(cause)}.`, {
        hint: 'roll the transaction back; the table auditproof_pending must be writable through this handle',
        cause,
      })
    }
  }

  #after(ms: number): void {
    clearTimeout(this.#timer)
    if (this.#closed) return
    this.#timer = setTimeout(() => void this.#start(), ms)
    this.#timer.unref()
  }

  #start(): Promise<void> {
    if (this.#running !== undefined) return this.#running
    clearTimeout(this.#timer)
    this.#running = this.#round().finally(() => {
      this.#running = undefined
      if (!this.isOpen) this.#expecting = false
      if (!this.#expecting) return
      const retryMs = Math.min(handleTickMs * 2 ** this.#failures, handleRetryMaxMs)
      // A transaction is open, it is tried again, or something was committed meanwhile.
      this.#after(!this.#isFree ? handleTickMs : this.#failures > 0 ? retryMs : 0)
    })
    return this.#running
  }

  async #round(): Promise<void> {
    try {
      const refusal = await this.#copy()
      this.lastError = refusal
      this.#failures = refusal === undefined ? 0 : this.#failures + 1
      this.#expecting ||= refusal !== undefined
    } catch (error) {
      // Nothing is lost: the rows stay where they are, health() says why, and it is tried again.
      this.lastError =
        error instanceof AuditError ? error : new AuditError('store_unavailable', messageOf(error), { cause: error })
      this.#failures += 1
      this.#expecting = true
    }
  }

  /** All there is, while no transaction is open. @returns why rows stay, where some do */
  async #copy(): Promise<AuditError | undefined> {
    let refusal: AuditError | undefined
    let isLast = false
    while (this.#isFree) {
      this.#removeCopied()
      if (isLast) return refusal
      this.#expecting = false // whoever writes from here on nudges
      if (!this.#tableIsThere && !hasPending(this.#handle)) return undefined
      this.#tableIsThere = true
      const rows = readPending(this.#handle, handleRows)
      const outcomes = rows.length === 0 ? [] : await this.#target.append(rows.map((row) => this.#submissionOf(row)))
      // Durable in the log from here on. If we die now, they are copied once more, and the ids settle it.
      refusal = this.#note(rows, outcomes)
      isLast = rows.length < handleRows || this.#copied.length === 0
    }
    this.#expecting = true
    return undefined
  }

  /** Whatever a row holds becomes an event, and the same one each time it is copied. */
  #submissionOf({ n, submission }: PendingRow): string {
    const now = formatTime(Date.now())!
    const newId = (): string => derivedId(this.#target.idKey(), `auditproof_pending ${n} ${submission}`)
    return JSON.stringify(submissionFromText(submission, { now, newId }))
  }

  #note(rows: readonly PendingRow[], outcomes: readonly AppendOutcome[]): AuditError | undefined {
    let refusal: AuditError | undefined
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.state === 'rejected') this.rejected += 1
      else this.sequenced += 1
      if (isRecorded(outcome)) this.#copied.push(rows[i]!.n)
      else this.#refused.push(rows[i]!.n)
      if (outcome.state === 'rejected' && !isRecorded(outcome))
        refusal ??= new AuditError(outcome.code, `An event of a transaction cannot be recorded: ${outcome.message}`, {
          hint: 'it stays in auditproof_pending and is tried again',
        })
    }
    return refusal
  }

  #removeCopied(): void {
    if (this.#copied.length > 0) deletePending(this.#handle, this.#copied)
    this.#copied = []
    if (this.#refused.length > 0) deferPending(this.#handle, this.#refused)
    this.#refused = []
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
