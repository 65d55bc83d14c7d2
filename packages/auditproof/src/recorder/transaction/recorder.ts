/** Recorders of one transaction: the event is written in it, and exists if and only if it commits. */
import type { EventInput } from '../../event/index.ts'
import { transactionAck, type Ack, type AwaitPublished } from '../ack.ts'
import { mergeContext, type AuditContext } from '../context.ts'
import { takeEvent, type Intake } from '../intake.ts'
import type { Recorder } from '../recorder.ts'

/** What a recorder in a transaction needs of the audit it belongs to. */
export interface TransactionIntake extends Intake {
  awaitPublished: AwaitPublished
  /** One more is written. */
  written: () => void
}

export class TransactionRecorder implements Recorder {
  readonly #intake: TransactionIntake
  readonly #insert: (tenant: string, submission: string) => Promise<unknown>
  readonly #context: AuditContext | undefined

  /** @param insert writes a row in the transaction; rejects with an AuditError */
  constructor(
    intake: TransactionIntake,
    insert: (tenant: string, submission: string) => Promise<unknown>,
    context?: AuditContext,
  ) {
    this.#intake = intake
    this.#insert = insert
    this.#context = context
  }

  with(context: AuditContext): Recorder {
    return new TransactionRecorder(this.#intake, this.#insert, mergeContext(this.#context, context))
  }

  /** Async, so that nothing is thrown into the caller; what is before the first await happens in the call. */
  async record(action: string, event: EventInput = {}): Promise<Ack> {
    const taken = takeEvent(this.#intake, this.#context, action, event)
    await this.#insert(taken.tenant, taken.text)
    this.#intake.written()
    return transactionAck(taken, this.#intake.awaitPublished)
  }
}

/** Records in a transaction of an SQLite handle: everything happens in the call. */
export interface SynchronousRecorder {
  /**
   * Returns when the event is written in the transaction. Throws where it cannot be: a synchronous transaction would
   * otherwise commit without it.
   * @throws AuditError `transaction_failed`, `usage`, `tenant_required`, `closed`
   */
  record(action: string, event?: EventInput): Ack

  /** A recorder that knows who, where and for whom. */
  with(context: AuditContext): SynchronousRecorder
}

export class HandleRecorder implements SynchronousRecorder {
  readonly #intake: TransactionIntake
  readonly #insert: (tenant: string, submission: string) => void
  readonly #context: AuditContext | undefined

  /** @param insert writes a row in the transaction; throws an AuditError */
  constructor(intake: TransactionIntake, insert: (tenant: string, submission: string) => void, context?: AuditContext) {
    this.#intake = intake
    this.#insert = insert
    this.#context = context
  }

  with(context: AuditContext): SynchronousRecorder {
    return new HandleRecorder(this.#intake, this.#insert, mergeContext(this.#context, context))
  }

  record(action: string, event: EventInput = {}): Ack {
    const taken = takeEvent(this.#intake, this.#context, action, event)
    this.#insert(taken.tenant, taken.text)
    this.#intake.written()
    return transactionAck(taken, this.#intake.awaitPublished)
  }
}
