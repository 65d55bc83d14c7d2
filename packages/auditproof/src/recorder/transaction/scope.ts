/**
 * One transaction that `audit.transaction` began: what is recorded in its course joins it. It may only commit when every
 * event that was handed over is written.
 */
import { AuditError } from '../../errors.ts'

export class TransactionScope {
  /** What it was begun on. */
  readonly db: object
  /** What events are written in. */
  readonly tx: object
  /** The one around it, on another database. */
  readonly outer: TransactionScope | undefined
  readonly #underWay = new Set<Promise<unknown>>()
  #failure: AuditError | undefined
  #ended = false

  constructor(db: object, tx: object, outer: TransactionScope | undefined) {
    this.db = db
    this.tx = tx
    this.outer = outer
  }

  /** Whether something can still be recorded in it. */
  get isOpen(): boolean {
    return !this.#ended
  }

  /** An event that is being written. */
  add(writing: Promise<unknown>): void {
    this.#underWay.add(writing)
    void writing.catch((error: unknown) => this.fail(error)).finally(() => this.#underWay.delete(writing))
  }

  /** From now on it must not commit, whoever swallows the error. */
  fail(error: unknown): void {
    this.#failure ??= error instanceof AuditError ? error : mustNotCommit(error)
  }

  /** Waits for what is under way; afterwards it takes no more. */
  async settle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
    this.#ended = true
  }

  /** Ends at once. For transactions in which nothing can be under way. */
  end(): void {
    this.#ended = true
  }

  /** @throws AuditError when an event could not be written */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure
  }
}

const mustNotCommit = (cause: unknown): AuditError =>
  new AuditError(
    'transaction_failed',
    `The transaction was rolled back: a part of it has failed (${cause instanceof Error ? cause.message : String(cause)}).`,
    { hint: 'the inner audit.transaction belongs to the outer one: let its error through', cause },
  )
