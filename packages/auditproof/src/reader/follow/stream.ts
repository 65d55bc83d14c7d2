/** What is followed: the log of one tenant, or what came under checkpoints over all of them. */
import { AuditError } from '../../errors.ts'
import type { FeedRow, LogHead, Store } from '../../store/store.ts'
import { followLimits } from '../limits.ts'
import type { Item } from './item.ts'
import type { Position } from './position.ts'
import { readItems } from './read-items.ts'

export interface Page {
  items: Item[]
  /** Where the page ends, also when it holds nothing. */
  next: Position
}

export interface Stream {
  /**
   * What comes at or after a position, within `readEvents` and `readBytes`.
   * @throws AuditError `cursor_ahead` for a position that the store has not reached
   */
  read(from: Position): Promise<Page>
  end(): Promise<Position>
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
    const stretch = { row: 0, from: from.index, to: Math.min(head.size, from.index + followLimits.readEvents) }
    const { items, to } = await readItems(this.#store, head, stretch, followLimits.readBytes)
    return { items, next: { row: 0, index: to } }
  }
}

/** All tenants, in the order in which their events came under a checkpoint. */
export class FeedStream implements Stream {
  readonly #store: Store
  readonly #reserved: ReadonlySet<string>
  /** Whose each log was when it was looked up last. */
  readonly #tenants = new Map<number, string>()

  constructor(store: Store, reserved: readonly string[]) {
    this.#store = store
    this.#reserved = new Set(reserved)
  }

  async end(): Promise<Position> {
    return { row: (await this.#store.feedEnd()) + 1, index: 0 }
  }

  async read(from: Position): Promise<Page> {
    const { readFeedRows, readEvents, readBytes } = followLimits
    const rows = await this.#store.feed(from.row - 1, readFeedRows)
    if (rows.length === 0) {
      const { row } = await this.end()
      if (from.row > row || (from.row === row && from.index > 0)) throw cursorAhead(from.row, row, 'rows of the feed')
      return { items: [], next: from }
    }
    const heads = new Map<number, LogHead>()
    const items: Item[] = []
    let bytes = 0
    let next = from
    for (const row of rows) {
      const first = row.position === from.row ? Math.max(row.from, from.index) : row.from
      const to = Math.min(row.to, first + readEvents - items.length)
      const read = await this.#readRow(row, { first, to, bytesMax: readBytes - bytes }, heads)
      items.push(...read.items)
      bytes += read.bytes
      if (read.to < row.to) return { items, next: { row: row.position, index: read.to } }
      next = { row: row.position + 1, index: 0 }
      if (items.length >= readEvents || bytes >= readBytes) break
    }
    return { items, next }
  }

  async #readRow(
    row: FeedRow,
    { first, to, bytesMax }: { first: number; to: number; bytesMax: number },
    heads: Map<number, LogHead>,
  ): Promise<Awaited<ReturnType<typeof readItems>>> {
    const nothing = { items: [], to: row.to, bytes: 0 }
    if (first >= to) return nothing
    const head = await this.#headOf(row.log, heads)
    if (head === undefined || this.#reserved.has(head.tenant)) return nothing
    const read = await readItems(this.#store, head, { row: row.position, from: first, to }, bytesMax)
    if (read.to < row.to) return read
    // The last of a row ends where the next row begins, as the page does.
    const last = read.items.pop()!.endingAt({ row: row.position + 1, index: 0 })
    return { ...read, items: [...read.items, last] }
  }

  /** Once a page: where an older copy of the store was put in its place, a number may be that of another log. */
  async #headOf(log: number, heads: Map<number, LogHead>): Promise<LogHead | undefined> {
    if (!heads.has(log)) {
      const tenant = this.#tenants.get(log)
      const head = tenant === undefined ? undefined : await this.#store.headOf(tenant)
      for (const one of head?.log === log ? [head] : await this.#store.heads()) {
        heads.set(one.log, one)
        this.#tenants.set(one.log, one.tenant)
      }
    }
    return heads.get(log)
  }
}

const cursorAhead = (at: number, end: number, what: string): AuditError =>
  new AuditError('cursor_ahead', `The cursor stands at ${at}, but there are ${end} ${what}.`, {
    hint: 'the store is older than the cursor: begin again without it, and find out why',
  })
