/** The recorder that applications have: joins the transaction it is called in, and else goes the ordinary way. */
import type { EventInput } from '../../event/index.ts'
import type { Ack } from '../ack.ts'
import { mergeContext, type AuditContext } from '../context.ts'
import type { Recorder } from '../recorder.ts'

export class JoiningRecorder implements Recorder {
  readonly #direct: Recorder
  readonly #inTransaction: () => Recorder | undefined
  readonly #context: AuditContext | undefined

  /** @param inTransaction a recorder of the transaction that the caller runs in, while that is open */
  constructor(direct: Recorder, inTransaction: () => Recorder | undefined, context?: AuditContext) {
    this.#direct = direct
    this.#inTransaction = inTransaction
    this.#context = context
  }

  with(context: AuditContext): Recorder {
    return new JoiningRecorder(this.#direct, this.#inTransaction, mergeContext(this.#context, context))
  }

  record(action: string, event?: EventInput): Promise<Ack> {
    const recorder = this.#inTransaction() ?? this.#direct
    return (this.#context === undefined ? recorder : recorder.with(this.#context)).record(action, event)
  }
}
