/**
 * Publishing: what is integrated comes under a signed checkpoint. Decoupled from recording: a signer that is away
 * delays publishing, never an ack. Signs only what is durable; idle logs write nothing.
 */
import { AuditError } from '../errors.ts'
import type { Publication, Store, UnpublishedLog } from '../store/store.ts'
import { consistencyProof } from './consistency.ts'
import { sequencerLimits } from './limits.ts'
import type { Signer, SignRequest, SignResult } from './signer.ts'

const { logsPerRound, metaPerRound, retryIntervalMaxMs } = sequencerLimits

export interface PublisherOptions {
  tickMs: number
  metaIntervalMs: number
}

export class Publisher {
  readonly #store: Store
  readonly #signer: Signer
  readonly #options: PublisherOptions
  readonly #whenPublished: () => void
  #timer: NodeJS.Timeout | undefined
  #metaTimer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #again = false
  #closed = false
  #roundMs = 0
  #metaAt = 0
  /** A checkpoint may not be in the meta log yet; at the start, one of a process before this one. */
  #metaBehind = true
  /** Rounds that failed, one after the other. */
  #failures = 0
  /** Logs that the signer refuses, by origin: they need a person. */
  readonly refusals: Map<string, string> = new Map<string, string>()
  /** Why the last round failed; undefined when it did not. */
  lastError: AuditError | undefined

  /** @param whenPublished called when checkpoints have been stored */
  constructor(store: Store, signer: Signer, options: PublisherOptions, whenPublished: () => void = () => {}) {
    this.#store = store
    this.#signer = signer
    this.#options = options
    this.#whenPublished = whenPublished
  }

  /** Something new is stored. Published at the next tick, or when ten times the last round has passed; later after failures. */
  nudge(): void {
    if (this.#closed || this.#timer !== undefined) return
    if (this.#running !== undefined) {
      this.#again = true
      return
    }
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        void this.#tick()
      },
      Math.max(this.#options.tickMs, 10 * this.#roundMs, this.#retryMs()),
    )
    this.#timer.unref()
  }

  #retryMs(): number {
    return this.#failures === 0 ? 0 : Math.min(this.#options.tickMs * 2 ** this.#failures, retryIntervalMaxMs)
  }

  /** Publishes all that is stored, now. @throws AuditError when the signer or the store is away */
  async publishNow(): Promise<void> {
    await this.#running
    await this.#round()
    this.#succeeded()
  }

  /** Publishes what is left, the meta log too, and stops. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    clearTimeout(this.#metaTimer)
    await this.#running
    await this.#round()
    await this.#publishMeta()
  }

  async #tick(): Promise<void> {
    clearTimeout(this.#metaTimer)
    this.#running = this.#try()
    await this.#running
    this.#running = undefined
    if (this.#again) {
      this.#again = false
      this.nudge()
    } else this.#awaitMeta()
  }

  async #try(): Promise<void> {
    try {
      await this.#round()
      if (this.#metaWaitMs() <= 0) await this.#publishMeta()
      this.#succeeded()
    } catch (error) {
      // Counted and shown by health(); what is stored stays stored, and it is tried again.
      this.lastError =
        error instanceof AuditError ? error : new AuditError('store_unavailable', String(error), { cause: error })
      this.#failures += 1
      this.#again = true
    }
  }

  #succeeded(): void {
    this.lastError = undefined
    this.#failures = 0
  }

  /** A store that falls idle has nobody who nudges: the meta log gets its last checkpoints all the same. */
  #awaitMeta(): void {
    const waitMs = this.#metaWaitMs()
    if (this.#closed || waitMs === Number.POSITIVE_INFINITY) return
    this.#metaTimer = setTimeout(() => this.nudge(), waitMs)
    this.#metaTimer.unref()
  }

  #metaWaitMs(): number {
    return this.#metaBehind ? this.#metaAt + this.#options.metaIntervalMs - Date.now() : Number.POSITIVE_INFINITY
  }

  async #round(): Promise<void> {
    const began = Date.now()
    for (let after = 0; ;) {
      const logs = await this.#store.unpublished(after, logsPerRound)
      if (logs.length === 0) break
      after = logs.at(-1)!.log
      await this.#publish(logs)
    }
    this.#roundMs = Date.now() - began
  }

  /** The meta log holds the newest checkpoint of each tenant's log, and is what witnesses see. */
  async #publishMeta(): Promise<void> {
    this.#metaBehind = false
    try {
      let appended = 0
      for (let count: number = metaPerRound; count === metaPerRound; appended += count)
        count = await this.#store.appendMeta(metaPerRound)
      if (appended > 0) await this.#round()
      this.#metaAt = Date.now()
    } catch (error) {
      this.#metaBehind = true
      throw error
    }
  }

  async #publish(logs: readonly UnpublishedLog[]): Promise<void> {
    const publications: Publication[] = []
    const signed = await this.#sign(logs)
    for (const [i, result] of signed.entries()) {
      const { log, origin, size, root } = logs[i]!
      if (result.state === 'refused') this.refusals.set(origin, result.reason)
      else if (result.state === 'signed') {
        publications.push({ log, size, root, note: result.note, keep: false })
        this.refusals.delete(origin)
      }
    }
    await this.#overtaken(
      logs.map(({ origin }) => origin),
      signed,
    )
    // The signatures are out and the state knows them. Dying before this line, the next round signs the same again.
    if (publications.length > 0) await this.#store.publish(publications)
    this.#whenPublished()
    this.#metaBehind ||= logs.some(({ origin }) => origin !== this.#store.name)
  }

  async #sign(logs: readonly UnpublishedLog[]): Promise<SignResult[]> {
    const requests = logs.map(requestFor)
    const results = await this.#signer.sign(requests)
    const again = requests.flatMap((request, i) => {
      const result = results[i]!
      return result.state === 'needs-proof' ? [{ i, request, log: logs[i]!.log, from: result.from }] : []
    })
    if (again.length === 0) return results
    const proved: SignRequest[] = []
    for (const { request, log, from } of again)
      proved.push({ ...request, from, proof: await consistencyProof(this.#store, log, from, request.size) })
    const second = await this.#signer.sign(proved)
    for (const [k, { i }] of again.entries()) results[i] = second[k]!
    return results
  }

  /**
   * Of logs for which more was signed already: another process was quicker, unless the store itself has less. That process
   * may die before it publishes, so they are looked at again.
   */
  async #overtaken(origins: readonly string[], results: readonly SignResult[]): Promise<void> {
    if (!results.some(({ state }) => state === 'stale' || state === 'needs-proof')) return
    const sizes = new Map((await this.#store.heads()).map(({ origin, size }) => [origin, size]))
    for (const [i, origin] of origins.entries()) {
      const result = results[i]!
      const size = sizes.get(origin) ?? 0
      if (result.state === 'stale' && size < result.signedSize)
        this.refusals.set(origin, rolledBack(origin, size, result.signedSize))
      else if (result.state === 'stale' || result.state === 'needs-proof') this.nudge()
    }
  }
}

export const rolledBack = (origin: string, size: number, signedSize: number): string =>
  `the log ${origin} has ${size} entries, but ${signedSize} were signed: the store was rolled back or is an older copy`

const requestFor = ({ origin, size, root, publishedSize, proof, published }: UnpublishedLog): SignRequest => ({
  origin,
  size,
  root,
  from: publishedSize,
  proof,
  published,
})
