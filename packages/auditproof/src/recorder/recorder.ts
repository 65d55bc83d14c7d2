/** The door `record()`: takes a snapshot in the call, resolves when the event is durable. */
import { AuditError } from '../errors.ts'
import type { EventInput } from '../event/index.ts'
import type { AppendOutcome } from '../store/store.ts'
import { pendingAck, storedAck, type Ack, type AwaitPublished } from './ack.ts'
import { mergeContext, type AuditContext } from './context.ts'
import type { Counters } from './health.ts'
import { takeEvent, type Intake } from './intake.ts'

/** Records events. Every recorder of one audit writes to the same store. */
export interface Recorder {
  /**
   * Resolves when the event is durable, or written in the transaction that it belongs to (`state: 'in-transaction'`).
   * Never throws into the caller: what cannot be stored rejects with a code.
   * @throws AuditError `id_conflict`, `disk_full`, `outcome_unknown`, `store_unavailable`, `store_busy`,
   *   `store_rolled_back`, `store_corrupt`, `store_rejected`, `tenant_required`, `queue_full`, `closed`,
   *   `transaction_failed`
   */
  record(action: string, event?: EventInput): Promise<Ack>

  /** A recorder that knows who, where and for whom. */
  with(context: AuditContext): Recorder
}

/** What a recorder needs of the audit it belongs to. */
export interface Door extends Intake {
  /** Hands over JSON text of a submission; resolves when durable. */
  submit: (tenant: string, submission: string) => Promise<AppendOutcome>
  counters: Counters
  awaitPublished: AwaitPublished
}

export class DurableRecorder implements Recorder {
  readonly #door: Door
  readonly #context: AuditContext | undefined

  constructor(door: Door, context?: AuditContext) {
    this.#door = door
    this.#context = context
  }

  with(context: AuditContext): Recorder {
    return new DurableRecorder(this.#door, mergeContext(this.#context, context))
  }

  record(action: string, event: EventInput = {}): Promise<Ack> {
    const { counters } = this.#door
    counters.offered += 1
    try {
      const { id, tenant, text } = takeEvent(this.#door, this.#context, action, event)
      return this.#door.submit(tenant, text).then(
        (outcome) => this.#settle(id, outcome),
        (error: unknown) => {
          counters.rejected += 1
          throw error
        },
      )
    } catch (error) {
      counters.rejected += 1
      return Promise.reject(error)
    }
  }

  #settle(id: string, outcome: AppendOutcome): Ack {
    const { counters, awaitPublished } = this.#door
    if (outcome.state === 'stored') {
      counters.stored += 1
      return storedAck(id, outcome, awaitPublished)
    }
    if (outcome.state === 'pending') {
      counters.stored += 1
      return pendingAck({ id, tenant: outcome.tenant }, awaitPublished)
    }
    counters.rejected += 1
    const hint =
      outcome.code === 'id_conflict' ? 'use a new id for a new event; the attempt itself was recorded' : undefined
    throw new AuditError(outcome.code, outcome.message, hint === undefined ? {} : { hint })
  }
}
