/**
 * Publishing: what is integrated comes under a signed checkpoint. Decoupled from recording: a signer that is away
 * delays publishing, never an ack. Signs only what is durable; idle logs write nothing.
 */
import { AuditError } from '../errors.ts'
import type { Publication, Store, UnpublishedLog } from '../store/store.ts'
import { consistencyProof } from './consistency.ts'
import type { Signer, SignRequest, SignResult } from './signer.ts'

/** Logs signed and published in one round trip. */
const logsPerRound = 500
const metaPerRound = 5_000

export interface PublisherOptions {
  tickMs: number
  metaIntervalMs: number
}

export class Publisher {
  readonly #store: Store
  readonly #signer: Signer
  readonly #options: PublisherOptions
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #again = false
  #closed = false
  #roundMs = 0
  #metaAt = 0
  /** Logs that the signer refuses, by origin: they need a person. */
  readonly refusals: Map<string, string> = new Map<string, string>()
  /** Why the last round failed; undefined when it did not. */
  lastError: AuditError | undefined

  constructor(store: Store, signer: Signer, options: PublisherOptions) {
    this.#store = store
    this.#signer = signer
    this.#options = options
  }

  /** Something new is stored. Published at the next tick, or when ten times the last round has passed. */
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
      Math.max(this.#options.tickMs, 10 * this.#roundMs),
    )
    this.#timer.unref()
  }

  /** Publishes all that is stored, now. @throws AuditError when the signer or the store is away */
  async publishNow(): Promise<void> {
    await this.#running
    await this.#round()
  }

  /** Publishes what is left, the meta log too, and stops. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#running
    await this.#round()
    await this.#publishMeta()
  }

  async #tick(): Promise<void> {
    this.#running = this.#round()
      .then(() => (Date.now() - this.#metaAt >= this.#options.metaIntervalMs ? this.#publishMeta() : undefined))
      .then(
        () => void (this.lastError = undefined),
        // Counted and shown by health(); what is stored stays stored, and the next tick tries again.
        (error: unknown) => {
          this.lastError =
            error instanceof AuditError ? error : new AuditError('store_unavailable', String(error), { cause: error })
          this.#again = true
        },
      )
    await this.#running
    this.#running = undefined
    if (this.#again) {
      this.#again = false
      this.nudge()
    }
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
    this.#metaAt = Date.now()
    let appended = 0
    for (let count = metaPerRound; count === metaPerRound; appended += count)
      count = await this.#store.appendMeta(metaPerRound)
    if (appended > 0) await this.#round()
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
