/**
 * One stream that any number follow: what was read last is kept for those who keep up; who is slower reads from the
 * store, at his own pace. So nobody holds memory, nobody slows another down, and nothing is lost.
 */
import { AuditError } from '../../errors.ts'
import type { FeedRow, LogHead, Store } from '../../store/store.ts'
import { followLimits } from '../limits.ts'
import { Item } from './item.ts'
import { comparePosition, type Position } from './position.ts'

export interface Page {
  items: Item[]
  /** Where the page ends, also when it holds nothing. */
  next: Position
}

/** What a channel reads: the log of one tenant, or the feed. */
export interface Stream {
  /** @throws AuditError `cursor_ahead` for a position that the store has not reached */
  read(from: Position): Promise<Page>
  end(): Promise<Position>
}

export class Channel {
  readonly #stream: Stream
  /** What was read last, in order, without a gap up to `#end`. */
  readonly #recent: Item[] = []
  #end: Position | undefined
  #waiting: (() => void)[] = []

  constructor(stream: Stream) {
    this.#stream = stream
  }

  /** Where new events will stand. */
  async end(): Promise<Position> {
    return this.#end ?? this.#stream.end()
  }

  /** What comes at or after a position; waits for nothing. */
  async read(from: Position): Promise<Page> {
    const [oldest] = this.#recent
    if (this.#end !== undefined && comparePosition(from, this.#end) === 0) return { items: [], next: from }
    if (oldest === undefined || comparePosition(from, oldest.at) < 0) return this.#stream.read(from)
    const first = firstFrom(this.#recent, from)
    const items = this.#recent.slice(first, first + followLimits.readEvents)
    // A position between two items is one that no item of this channel ends at.
    return items.length === 0 ? this.#stream.read(from) : { items, next: items.at(-1)!.next }
  }

  /** Whether the channel knows of nothing at or behind the position. */
  isAtEnd(position: Position): boolean {
    return this.#end === undefined || comparePosition(position, this.#end) >= 0
  }

  /** Resolves when there may be more. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  wakeAll(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  /** Reads what is new for all that keep up. */
  async advance(): Promise<void> {
    if (this.#end === undefined) {
      this.#end = await this.#stream.end()
      this.wakeAll() // who has looked before may have seen less
    }
    for (;;) {
      const { items, next } = await this.#stream.read(this.#end)
      if (items.length === 0 && comparePosition(next, this.#end) === 0) return
      this.#recent.push(...items)
      this.#recent.splice(0, this.#recent.length - followLimits.recentEvents)
      this.#end = next
      this.wakeAll()
    }
  }
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

/** The log of one tenant, by index; events as soon as they are durable. */
export class LogStream implements Stream {
  readonly #store: Store
  readonly #tenant: string

  constructor(store: Store, tenant: string) {
    this.#store = store
    this.#tenant = tenant
  }

  async end(): Promise<Position> {
    return { row: 0, index: (await this.#store.headOf(this.#tenant))?.size ?? 0 }
  }

  async read(from: Position): Promise<Page> {
    const head = await this.#store.headOf(this.#tenant)
    if (from.index > (head?.size ?? 0)) throw cursorAhead(from.index, head?.size ?? 0, 'entries')
    if (head === undefined || from.index === head.size) return { items: [], next: from }
    const to = Math.min(head.size, from.index + followLimits.readEvents)
    const items = await readItems(this.#store, head, { row: 0, from: from.index, to })
    return { items, next: { row: 0, index: to } }
  }
}

/** All tenants, in the order in which their events came under a checkpoint. */
export class FeedStream implements Stream {
  readonly #store: Store
  readonly #heads = new Map<number, LogHead>()
  readonly #reserved: ReadonlySet<string>

  constructor(store: Store, reserved: readonly string[]) {
    this.#store = store
    this.#reserved = new Set(reserved)
  }

  async end(): Promise<Position> {
    return { row: (await this.#store.feedEnd()) + 1, index: 0 }
  }

  async read(from: Position): Promise<Page> {
    const rows = await this.#store.feed(from.row - 1, followLimits.readFeedRows)
    if (rows.length === 0) {
      const { row } = await this.end()
      if (from.row > row || (from.row === row && from.index > 0)) throw cursorAhead(from.row, row, 'rows of the feed')
      return { items: [], next: from }
    }
    const items: Item[] = []
    let next = from
    for (const row of rows) {
      const first = row.position === from.row ? Math.max(row.from, from.index) : row.from
      const to = Math.min(row.to, first + followLimits.readEvents - items.length)
      items.push(...(await this.#itemsOf(row, first, to)))
      if (to < row.to) return { items, next: { row: row.position, index: to } }
      next = { row: row.position + 1, index: 0 }
    }
    return { items, next }
  }

  async #itemsOf(row: FeedRow, from: number, to: number): Promise<Item[]> {
    if (from >= to) return []
    if (!this.#heads.has(row.log)) for (const head of await this.#store.heads()) this.#heads.set(head.log, head)
    const head = this.#heads.get(row.log)
    if (head === undefined || this.#reserved.has(head.tenant)) return []
    const items = await readItems(this.#store, head, { row: row.position, from, to })
    // The last of a row ends where the next row begins, as the page does.
    return to < row.to
      ? items
      : [...items.slice(0, -1), ...items.slice(-1).map((item) => item.endingAt({ row: row.position + 1, index: 0 }))]
  }
}

/** Entries `from` to `to`, and gaps where the store gives none. */
async function readItems(
  store: Store,
  head: LogHead,
  { row, from, to }: { row: number; from: number; to: number },
): Promise<Item[]> {
  const items: Item[] = []
  const gap = (first: number, last: number): void => {
    const what = { tenant: head.tenant, from: first, to: last, reason: 'missing' } as const
    items.push(new Item(head, { row, index: first }, { row, index: last }, what))
  }
  let expected = from
  while (expected < to) {
    const stored = await store.entries(head.log, expected, to)
    for (const entry of stored) {
      if (entry.index > expected) gap(expected, entry.index)
      expected = entry.index + 1
      items.push(new Item(head, { row, index: entry.index }, { row, index: expected }, entry))
    }
    if (stored.length === 0) {
      gap(expected, to)
      expected = to
    }
  }
  return items
}

const cursorAhead = (at: number, end: number, what: string): AuditError =>
  new AuditError('cursor_ahead', `The cursor stands at ${at}, but there are ${end} ${what}.`, {
    hint: 'the store is older than the cursor: begin again without it, and find out why',
  })
