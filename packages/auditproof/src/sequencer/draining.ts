/**
 * Puts what committed transactions of applications left in `pending` into the logs. Whoever commits in this process
 * nudges; what other processes commit is found at a tick, where the store is shared.
 */
import { AuditError } from '../errors.ts'
import { isRecorded, type AppendOutcome, type Store } from '../store/store.ts'
import { sequencerLimits } from './limits.ts'

const { drainRows, drainTickMs, drainRefusedTickMs, retryIntervalMaxMs } = sequencerLimits

export class Draining {
  readonly #store: Store
  readonly #whenDrained: (outcomes: readonly AppendOutcome[]) => void
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #again = false
  #closed = false
  /** Rounds that failed, one after the other. */
  #failures = 0
  /** Why the last round left rows behind; undefined when it left none. */
  #refusal: AuditError | undefined
  /** Events put into logs. */
  sequenced = 0
  /** Refusals by the store; a row that stays and is tried again counts again. */
  rejected = 0
  #error: AuditError | undefined

  /** @param whenDrained called after each transaction that put something into logs */
  constructor(store: Store, whenDrained: (outcomes: readonly AppendOutcome[]) => void) {
    this.#store = store
    this.#whenDrained = whenDrained
    this.#awaitTick()
  }

  /** Why the last round failed or left rows behind; undefined when all went well. */
  get lastError(): AuditError | undefined {
    return this.#error ?? this.#refusal
  }

  /** Something was committed. */
  nudge(): void {
    if (this.#closed) return
    this.#again = true
    if (this.#running === undefined) this.#start()
  }

  /** Drains what is left, and stops. @throws AuditError where something stays */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#running
    if (!this.#store.isShared && !this.#again && !this.#hasTrouble) return
    const refusal = await this.#drain()
    if (refusal !== undefined) throw refusal
  }

  get #hasTrouble(): boolean {
    return this.lastError !== undefined
  }

  #start(): void {
    clearTimeout(this.#timer)
    this.#running = this.#round().finally(() => {
      this.#running = undefined
      if (this.#again && this.#error === undefined && !this.#closed) this.#start()
      else this.#awaitTick()
    })
  }

  #awaitTick(): void {
    // A store that is not shared has nothing new unless somebody nudges, but what failed is tried again.
    if (this.#closed || !(this.#store.isShared || this.#hasTrouble)) return
    // A row that nobody can store must not hold up what others commit, as a store that is away may.
    const tickMs = this.#refusal === undefined ? drainTickMs : drainRefusedTickMs
    const retryMs = Math.min(drainTickMs * 2 ** this.#failures, retryIntervalMaxMs)
    this.#timer = setTimeout(() => this.#start(), this.#failures === 0 ? tickMs : retryMs)
    this.#timer.unref()
  }

  async #round(): Promise<void> {
    this.#again = false
    try {
      this.#refusal = await this.#drain()
      this.#error = undefined
      this.#failures = 0
    } catch (error) {
      // Nothing is lost: the rows stay where they are, health() says why, and it is tried again.
      this.#error =
        error instanceof AuditError ? error : new AuditError('store_unavailable', String(error), { cause: error })
      this.#failures += 1
    }
  }

  /** All there is. @returns why rows stayed, where some did */
  async #drain(): Promise<AuditError | undefined> {
    for (;;) {
      const outcomes = await this.#store.drainPending(drainRows)
      const recorded = outcomes.filter(isRecorded).length
      for (const { state } of outcomes)
        if (state === 'rejected') this.rejected += 1
        else this.sequenced += 1
      if (recorded > 0) this.#whenDrained(outcomes)
      if (outcomes.length === drainRows && recorded > 0) continue
      // What stays goes behind the others, so the last ones are all that stay.
      const refused = outcomes.find((outcome) => !isRecorded(outcome))
      return refused?.state === 'rejected' ? unsequenced(refused) : undefined
    }
  }
}

const unsequenced = ({ code, message }: AppendOutcome & { state: 'rejected' }): AuditError =>
  new AuditError(code, `An event of a transaction cannot be put into its log: ${message}`, {
    hint: 'it stays in pending and is tried again',
  })
