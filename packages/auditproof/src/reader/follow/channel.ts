/**
 * One stream that any number follow: what was read last is kept for those who keep up; who is slower reads from the
 * store, at his own pace. So nobody holds memory, nobody slows another down, and nothing is lost.
 */
import { followLimits } from '../limits.ts'
import type { Item } from './item.ts'
import { comparePosition, type Position } from './position.ts'
import type { Page, Stream } from './stream.ts'
import type { Waiter } from './waiter.ts'

export class Channel {
  /** Those who follow. */
  readonly members: Set<Waiter> = new Set()
  readonly #stream: Stream
  /** What was read last, in order, without a gap up to `#end`. */
  readonly #recent: Item[] = []
  #recentBytes = 0
  #end: Position | undefined
  #failure: { error: unknown } | undefined

  constructor(stream: Stream) {
    this.#stream = stream
  }

  /** Where new events will stand. */
  async end(): Promise<Position> {
    return this.#end ?? this.#stream.end()
  }

  /** What comes at or after a position; waits for nothing. @throws what the channel has failed with */
  async read(from: Position): Promise<Page> {
    if (this.#failure !== undefined) throw this.#failure.error
    const [oldest] = this.#recent
    if (this.#end !== undefined && comparePosition(from, this.#end) === 0) return { items: [], next: from }
    if (oldest === undefined || comparePosition(from, oldest.at) < 0) return this.#stream.read(from)
    const items = pageOf(this.#recent, firstFrom(this.#recent, from))
    // A position between two items is one that no item of this channel ends at.
    return items.length === 0 ? this.#stream.read(from) : { items, next: items.at(-1)!.next }
  }

  /** Whether there is nothing to be had at or behind the position, as far as the channel knows. */
  isAtEnd(position: Position): boolean {
    if (this.#failure !== undefined) return false
    return this.#end === undefined || comparePosition(position, this.#end) >= 0
  }

  /** Reads a page of what is new for all that keep up. @returns whether there may be more */
  async advance(): Promise<boolean> {
    if (this.#end === undefined) {
      this.#end = await this.#stream.end()
      this.#wakeAll() // who has looked before may have seen less
    }
    const { items, next } = await this.#stream.read(this.#end)
    if (items.length === 0 && comparePosition(next, this.#end) === 0) return false
    this.#keep(items)
    this.#end = next
    this.#wakeAll()
    return true
  }

  /** It cannot be read, and will not be by waiting: all who follow it are told. */
  fail(error: unknown): void {
    this.#failure = { error }
    this.#wakeAll()
  }

  /** For all who follow it is the end. */
  stop(): void {
    for (const member of this.members) member.stop()
  }

  #wakeAll(): void {
    for (const member of this.members) member.wake()
  }

  #keep(items: readonly Item[]): void {
    this.#recent.push(...items)
    for (const { bytes } of items) this.#recentBytes += bytes
    const { recentEvents, recentBytes } = followLimits
    let first = 0
    while (this.#recent.length - first > recentEvents || this.#recentBytes > recentBytes)
      this.#recentBytes -= this.#recent[first++]!.bytes
    this.#recent.splice(0, first)
  }
}

/** As much as one read of the store would give. */
function pageOf(items: readonly Item[], first: number): Item[] {
  let last = first
  for (let bytes = 0; last < items.length && last - first < followLimits.readEvents; last++) {
    if (bytes >= followLimits.readBytes) break
    bytes += items[last]!.bytes
  }
  return items.slice(first, last)
}

function firstFrom(items: readonly Item[], from: Position): number {
  let [low, high] = [0, items.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (comparePosition(items[middle]!.at, from) < 0) low = middle + 1
    else high = middle
  }
  return low
}
