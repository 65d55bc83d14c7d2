/**
 * Waits for events to come under a published checkpoint: one waiter for all acks. It looks when the publisher of this
 * process has published, and at a tick while somebody waits, since another process may have.
 */
import { AuditError } from '../errors.ts'
import { encodeHex } from '../log/index.ts'
import type { LogHead, Store } from '../store/store.ts'
import type { Published } from './ack.ts'
import { recorderLimits } from './limits.ts'

interface Waiting {
  id: string
  tenant: string
  /** As performance.now() has it. */
  until: number
  timeoutMs: number
  /** Once it is known to be in the log. */
  place: { log: number; index: number } | undefined
  resolve: (published: Published) => void
  reject: (error: AuditError) => void
}

export class PublishedWaiter {
  readonly #open: () => Promise<Store>
  readonly #waiting = new Set<Waiting>()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #again = false
  #closed = false
  /** Of the store, when it was last looked at. */
  #version: number | undefined

  constructor(open: () => Promise<Store>) {
    this.#open = open
  }

  /** @throws AuditError `not_published` after `timeoutMs`, `closed` */
  wait(
    { id, tenant }: { id: string; tenant: string },
    timeoutMs: number = recorderLimits.publishedTimeoutMs,
  ): Promise<Published> {
    if (this.#closed) return Promise.reject(closedWhile(id))
    return new Promise((resolve, reject) => {
      const until = performance.now() + timeoutMs
      this.#waiting.add({ id, tenant, until, timeoutMs, place: undefined, resolve, reject })
      // Keeps the process alive, as whoever waits expects, until the last one has an answer.
      this.#timer ??= setInterval(() => this.#tick(), recorderLimits.publishedTickMs)
      this.#version = undefined
      this.nudge()
    })
  }

  /** Something was published. */
  nudge(): void {
    if (this.#waiting.size === 0) return
    if (this.#looking !== undefined) {
      this.#again = true
      return
    }
    this.#looking = this.#look().finally(() => {
      this.#looking = undefined
      if (!this.#again) return
      this.#again = false
      this.nudge()
    })
  }

  /** Looks once more, and lets go of those who still wait. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#looking
    this.#version = undefined
    if (this.#waiting.size > 0) await this.#look()
    for (const each of this.#waiting) each.reject(closedWhile(each.id))
    this.#clear()
  }

  #tick(): void {
    const now = performance.now()
    for (const each of this.#waiting)
      if (each.until <= now) {
        this.#waiting.delete(each)
        each.reject(notPublished(each))
      }
    if (this.#waiting.size === 0) this.#clear()
    else this.nudge()
  }

  #clear(): void {
    this.#waiting.clear()
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Never rejects: a store that cannot be read now may be at the next tick, and each waits no longer than it said. */
  async #look(): Promise<void> {
    try {
      const store = await this.#open()
      const version = await store.version()
      if (version === this.#version) return
      const byTenant = Map.groupBy(this.#waiting, ({ tenant }) => tenant)
      for (const [tenant, waiting] of byTenant) {
        const head = await store.headOf(tenant)
        if (head !== undefined) for (const each of waiting) await this.#settle(store, head, each)
      }
      // Whoever came while this looked was perhaps not looked for.
      this.#version = this.#again ? undefined : version
    } catch {
      this.#version = undefined
    }
    if (this.#waiting.size === 0) this.#clear()
  }

  async #settle(store: Store, { log, origin, published }: LogHead, waiting: Waiting): Promise<void> {
    waiting.place ??= (await store.find(waiting.id, waiting.tenant))[0]
    const index = waiting.place?.index
    if (published === undefined || index === undefined || index >= published.size) return
    const [entry] = await store.entries(log, index, index + 1)
    if (entry === undefined || !this.#waiting.delete(waiting)) return
    const { size: treeSize, note: checkpoint } = published
    waiting.resolve({ log: origin, index, leafHash: encodeHex(entry.leafHash), treeSize, checkpoint })
  }
}

const notPublished = ({ id, place, timeoutMs }: Waiting): AuditError =>
  new AuditError(
    'not_published',
    place === undefined
      ? `The event ${id} is not in its log after ${timeoutMs} ms: its transaction was rolled back or is still open, or nobody puts what was committed into the log.`
      : `The event ${id} is in its log, at ${place.index}, but under no checkpoint after ${timeoutMs} ms.`,
    { hint: 'audit.health() says whether sequencing or signing has a problem; wait again with a longer timeoutMs' },
  )

const closedWhile = (id: string): AuditError =>
  new AuditError('closed', `The audit was closed before a checkpoint over the event ${id} was published.`)
