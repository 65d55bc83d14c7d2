/**
 * One client's live stream. It is read from the store as the client takes it: one write is under way, nothing is queued,
 * and whoever takes nothing for a while costs no more than his cursor. So a slow client holds no memory and no one up.
 */
import type { Opened } from '../../closing.ts'
import { AuditError } from '../../errors.ts'
import { readEvent, type Followed, type ReadEvent } from '../../reader/index.ts'
import type { Gap } from '../../reader/follow/item.ts'
import type { ListRow } from '../../store/search.ts'
import type { LiveLimits } from './streams.ts'
import type { Beginning } from './beginning.ts'
import { Reading } from './reading.ts'
import { sseEvent, ssePlace, sseRetry } from './sse.ts'

/** What is told of events and gaps. */
export interface LiveView {
  /** The name that events go by. */
  readonly name: string
  readonly of: (event: ReadEvent) => unknown
  readonly gap: (gap: Gap) => unknown
}

export interface LiveStreamOptions {
  opened: Opened
  beginning: Beginning
  limits: LiveLimits
  view: LiveView
  /** Whether the visitor may still read. */
  isWelcome: () => boolean
  /** What the client is told of a failure. */
  problem: (error: unknown) => unknown
  /** It has ended, whoever ended it. Called once. */
  onEnd: () => void
}

export class LiveStream {
  readonly body: ReadableStream<Uint8Array>
  readonly #options: LiveStreamOptions
  readonly #encoder = new TextEncoder()
  /** Listed events that were not sent yet, and those that were sent and may come again. */
  readonly #rows: ListRow[]
  readonly #listed: Set<string>
  #controller!: ReadableStreamDefaultController<Uint8Array>
  /** What the client has got, or need not get. */
  #cursor: string
  #isPlaceTold = false
  #reading: Reading | undefined
  #release: NodeJS.Timeout | undefined
  #isOver = false

  constructor(options: LiveStreamOptions) {
    this.#options = options
    const { cursor, rows } = options.beginning
    this.#cursor = cursor
    this.#rows = [...rows]
    this.#listed = new Set(rows.map(placeOf))
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => void (this.#controller = controller),
        pull: () => this.#pull(),
        cancel: () => this.end(),
      },
      // Nothing is read before the client takes it.
      { highWaterMark: 0 },
    )
  }

  /** The client sees an answer that is complete, and comes back later if he may. */
  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#release)
    this.#reading?.stop()
    this.#reading = undefined
    try {
      this.#controller.close()
    } catch {} // the client has gone, and the stream with him
    this.#options.onEnd()
  }

  async #pull(): Promise<void> {
    clearTimeout(this.#release)
    const text = await this.#next().catch((error: unknown) => ({ error }))
    if (this.#isOver) return
    if (typeof text === 'string') {
      this.#controller.enqueue(this.#encoder.encode(text))
      this.#release = setTimeout(() => this.#letGo(), this.#options.limits.liveReleaseMs).unref()
      return
    }
    if (text !== undefined) this.#controller.enqueue(this.#encoder.encode(this.#problemOf(text.error)))
    this.end()
  }

  /** What the client reads next; undefined: there is no more. */
  async #next(): Promise<string | undefined> {
    if (!this.#options.isWelcome()) return undefined
    if (this.#rows.length > 0) return this.#nextListed()
    if (!this.#isPlaceTold) {
      this.#isPlaceTold = true
      const { liveRetryMs } = this.#options.limits
      return sseRetry(Math.round(liveRetryMs * (1 + Math.random()))) + ssePlace(this.#cursor, 'live')
    }
    return this.#nextLive()
  }

  /**
   * Without an id: whoever is cut off in here begins anew, rather than behind what he has not got.
   * One by one: rows are small, events may be large.
   */
  async #nextListed(): Promise<string> {
    const { opened, view } = this.#options
    const { tenant, index } = this.#rows.shift()!
    try {
      const { event } = await readEvent(opened.store, { tenant, index })
      return sseEvent(view.name, view.of(event))
    } catch (error) {
      if (!(error instanceof AuditError && error.code === 'not_found')) throw error
      return sseEvent('gap', view.gap({ tenant, from: index, to: index + 1, reason: 'missing' }))
    }
  }

  /** As much as is there already, up to one write; or, when nothing comes, a ping. */
  async #nextLive(): Promise<string | undefined> {
    const { limits } = this.#options
    const reading = (this.#reading ??= this.#read())
    const texts: string[] = []
    let units = 0
    while (units < limits.liveChunkUnits) {
      const step = await reading.step(units === 0 ? limits.livePingMs : 0)
      if (step.kind === 'next') {
        this.#cursor = step.one.cursor
        const text = this.#textOf(step.one)
        texts.push(text)
        units += text.length
      } else if (units > 0) break
      else if (step.kind === 'end') return undefined
      else {
        this.#cursor = step.cursor ?? this.#cursor
        return this.#options.isWelcome() ? ssePlace(this.#cursor, 'ping') : undefined
      }
    }
    return texts.join('')
  }

  #read(): Reading {
    const { opened, beginning } = this.#options
    return new Reading((signal) => opened.followers.follow({ filter: beginning.filter, after: this.#cursor, signal }))
  }

  #textOf({ event, gap, cursor }: Followed): string {
    const { view } = this.#options
    if (gap !== undefined) return sseEvent('gap', view.gap(gap), cursor)
    if (this.#listed.delete(placeOf(event))) return ssePlace(cursor, 'told already')
    return sseEvent(view.name, view.of(event), cursor)
  }

  #problemOf(error: unknown): string {
    return sseEvent('problem', this.#options.problem(error))
  }

  /** What was read ahead is given back; who takes up again reads on from the cursor. */
  #letGo(): void {
    this.#reading?.stop()
    this.#reading = undefined
  }
}

const placeOf = ({ tenant, index }: { tenant: string; index: number }): string => `${index} ${tenant}`
