/** Reading on in a stream of events, with a bound on how long one waits for the next. */
import type { Followed, Following } from '../../reader/index.ts'

/** The next one; or nothing yet, with the place up to which that holds; or that there will be none. */
export type Step =
  | { readonly kind: 'next'; readonly one: Followed }
  | { readonly kind: 'none'; readonly cursor: string | undefined }
  | { readonly kind: 'end' }

type Settled = { result: IteratorResult<Followed, void> } | { error: unknown }

export class Reading {
  readonly #following: Following
  readonly #iterator: AsyncIterator<Followed, void>
  readonly #abort: AbortController
  #isAsked = false
  #settled: Settled | undefined
  #wake: (() => void) | undefined

  constructor(follow: (signal: AbortSignal) => Following) {
    this.#abort = new AbortController()
    this.#following = follow(this.#abort.signal)
    this.#iterator = this.#following[Symbol.asyncIterator]()
  }

  /**
   * @param waitMs how long; 0: what is there already
   * @throws AuditError what the store failed with
   */
  async step(waitMs: number): Promise<Step> {
    if (!this.#isAsked) this.#ask()
    const passed = this.#settled === undefined ? await this.#wait(waitMs) : undefined
    if (this.#settled === undefined) return { kind: 'none', cursor: passed }
    const settled = this.#settled
    this.#isAsked = false
    this.#settled = undefined
    if ('error' in settled) throw settled.error
    return settled.result.done === true ? { kind: 'end' } : { kind: 'next', one: settled.result.value }
  }

  /** Whoever waits in `step` is told that it is the end. */
  stop(): void {
    this.#abort.abort()
    this.#iterator.return?.().catch(() => {}) // it fails with what `step` has thrown already
  }

  #ask(): void {
    this.#isAsked = true
    const settle = (settled: Settled): void => {
      this.#settled = settled
      this.#wake?.()
    }
    this.#iterator.next().then(
      (result) => settle({ result }),
      (error: unknown) => settle({ error }),
    )
  }

  /** @returns the place that was reached without finding anything */
  #wait(ms: number): Promise<string | undefined> {
    return new Promise((resolve) => {
      // Taken in the same turn: a moment later the place may be behind an event that is on its way here.
      const giveUp = (): void => done(this.#settled === undefined ? this.#following.cursor : undefined)
      const stopWaiting = ms === 0 ? inThisTurn(giveUp) : within(ms, giveUp)
      const done = (cursor?: string): void => {
        this.#wake = undefined
        stopWaiting()
        resolve(cursor)
      }
      this.#wake = done
    })
  }
}

function inThisTurn(then: () => void): () => void {
  const immediate = setImmediate(then)
  return () => clearImmediate(immediate)
}

function within(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms).unref()
  return () => clearTimeout(timer)
}
