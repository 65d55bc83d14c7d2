/**
 * Keeps the search index close behind the log: words, changed fields, the levels above the leaves. A piece at a time, and
 * while something is being recorded a pause after each, so that recording goes first: it has the same thread.
 */
import { AuditError } from '../errors.ts'
import type { Store } from '../store/store.ts'
import { sequencerLimits } from './limits.ts'

const { indexAfterMs, indexRetryMs, indexPauses, indexPausesFarBehind, indexFarBehindEntries, indexClosingMs } =
  sequencerLimits

export class Indexing {
  readonly #store: Store
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #again = false
  #closed = false
  #endPause = (): void => {}
  /** Entries that waited after the last piece. */
  waiting = 0
  /** Why the last piece could not be built; undefined when it could. */
  lastError: AuditError | undefined

  constructor(store: Store) {
    this.#store = store
  }

  /** Something new is stored. */
  nudge(): void {
    this.#again = true
    this.#after(indexAfterMs)
  }

  /** Builds what is left, for a while, and stops. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    // Nothing else may keep the process alive until the pause is over.
    this.#endPause()
    await this.#running
    if (!this.#again && this.waiting === 0) return
    const until = Date.now() + indexClosingMs
    while ((await this.#store.buildIndex()) > 0 && Date.now() < until);
  }

  #after(ms: number): void {
    if (this.#closed || this.#timer !== undefined || this.#running !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#running = this.#build().finally(() => {
        this.#running = undefined
        if (this.lastError !== undefined) this.#after(indexRetryMs)
        else if (this.#again) this.#after(indexAfterMs)
      })
    }, ms)
    this.#timer.unref()
  }

  async #build(): Promise<void> {
    this.#again = false
    try {
      do {
        const began = performance.now()
        this.waiting = await this.#store.buildIndex()
        const tookMs = performance.now() - began
        if (this.waiting > 0 && this.#again) {
          this.#again = false
          await this.#pause(tookMs * (this.waiting > indexFarBehindEntries ? indexPausesFarBehind : indexPauses))
        }
      } while (this.waiting > 0 && !this.#closed)
      this.lastError = undefined
    } catch (error) {
      // Nothing is lost: lists say how many entries wait, health() says why.
      this.lastError =
        error instanceof AuditError ? error : new AuditError('store_unavailable', String(error), { cause: error })
      this.#again = true
    }
  }

  #pause(ms: number): Promise<void> {
    if (this.#closed) return Promise.resolve()
    return new Promise((resolve) => {
      this.#endPause = resolve
      setTimeout(resolve, ms).unref()
    })
  }
}
