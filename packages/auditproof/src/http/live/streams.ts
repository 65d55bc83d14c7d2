/** All live streams of one server: how many there may be, and when they end. */
import type { Visitor } from '../access.ts'
import { httpLimits } from '../limits.ts'
import { HttpProblem } from '../problem.ts'

export type LiveLimits = { readonly [name in keyof typeof httpLimits as name & `live${string}`]: number }

/** A place that is taken, with or without its stream. */
export interface Place {
  /** What ends the stream; at once where that was asked for in between. */
  hold(end: () => void): void
  leave(): void
}

export class LiveStreams {
  readonly #limits: LiveLimits
  readonly #places = new Map<string, Set<TakenPlace>>()
  #count = 0
  #isClosed = false

  constructor(limits: LiveLimits) {
    this.#limits = limits
  }

  /** @throws HttpProblem 429 where there are too many; 503 while the server stops */
  take(visitor: Visitor, now: number): Place {
    if (this.#isClosed) throw new HttpProblem(503, 'closed', 'The server is stopping.', 'come back later')
    const { liveStreamsMax, liveStreamsPerKeyMax, liveStreamsPerSessionMax } = this.#limits
    if (this.#count >= liveStreamsMax) throw tooMany(`This server has ${liveStreamsMax} live streams already.`)
    const own = this.#places.get(nameOf(visitor)) ?? new Set()
    const ownMax = visitor.kind === 'key' ? liveStreamsPerKeyMax : liveStreamsPerSessionMax
    if (own.size >= ownMax) throw tooMany(`This ${visitor.kind} has ${ownMax} live streams already.`)
    const place = new TakenPlace(() => {
      own.delete(place)
      if (own.size === 0) this.#places.delete(nameOf(visitor))
      this.#count -= 1
    })
    if (visitor.kind === 'session') place.endIn(visitor.until - now)
    own.add(place)
    this.#places.set(nameOf(visitor), own)
    this.#count += 1
    return place
  }

  /** Streams of a visitor who may no longer read. */
  endOf(visitor: Visitor): void {
    for (const place of this.#places.get(nameOf(visitor)) ?? []) place.end()
  }

  /** The server stops. */
  close(): void {
    this.#isClosed = true
    for (const places of this.#places.values()) for (const place of places) place.end()
  }
}

class TakenPlace implements Place {
  readonly #onLeave: () => void
  #timer: NodeJS.Timeout | undefined
  #end: (() => void) | undefined
  #isEnded = false
  #isLeft = false

  constructor(onLeave: () => void) {
    this.#onLeave = onLeave
  }

  /** @param ms as long as a session has, which a timer can count */
  endIn(ms: number): void {
    this.#timer = setTimeout(() => this.end(), Math.max(0, ms)).unref()
  }

  hold(end: () => void): void {
    this.#end = end
    if (this.#isEnded) end()
  }

  end(): void {
    this.#isEnded = true
    this.#end?.()
  }

  leave(): void {
    if (this.#isLeft) return
    this.#isLeft = true
    clearTimeout(this.#timer)
    this.#onLeave()
  }
}

const nameOf = (visitor: Visitor): string => (visitor.kind === 'key' ? 'key' : `session ${visitor.id}`)

const tooMany = (message: string): HttpProblem =>
  new HttpProblem(429, 'too_many_streams', message, 'end some of them, or come back later')
