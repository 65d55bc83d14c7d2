/** What a plain `record()` becomes inside `audit.transaction`: the transaction waits for it, and does not commit without it. */
import type { EventInput } from '../../event/index.ts'
import type { Ack } from '../ack.ts'
import type { AuditContext } from '../context.ts'
import type { Recorder } from '../recorder.ts'
import type { SynchronousRecorder } from './recorder.ts'
import type { TransactionScope } from './scope.ts'

export class JoinedRecorder implements Recorder {
  readonly #scope: TransactionScope
  readonly #recorder: Recorder

  constructor(scope: TransactionScope, recorder: Recorder) {
    this.#scope = scope
    this.#recorder = recorder
  }

  with(context: AuditContext): Recorder {
    return new JoinedRecorder(this.#scope, this.#recorder.with(context))
  }

  record(action: string, event?: EventInput): Promise<Ack> {
    const writing = this.#recorder.record(action, event)
    // Who does not wait for it hears of a failure from audit.transaction; nothing is left unhandled.
    this.#scope.add(writing)
    return writing
  }
}

/** On an SQLite handle it is written in the call, and a failure is known before COMMIT. */
export class JoinedHandleRecorder implements Recorder {
  readonly #scope: TransactionScope
  readonly #recorder: SynchronousRecorder

  constructor(scope: TransactionScope, recorder: SynchronousRecorder) {
    this.#scope = scope
    this.#recorder = recorder
  }

  with(context: AuditContext): Recorder {
    return new JoinedHandleRecorder(this.#scope, this.#recorder.with(context))
  }

  record(action: string, event?: EventInput): Promise<Ack> {
    try {
      return Promise.resolve(this.#recorder.record(action, event))
    } catch (error) {
      this.#scope.fail(error)
      const failed = Promise.reject<Ack>(error)
      failed.catch(() => {}) // audit.transaction throws it
      return failed
    }
  }
}
