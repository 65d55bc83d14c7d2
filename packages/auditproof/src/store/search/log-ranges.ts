/** The part of each log that a selection looks at, read when the log is met. */
import { metaTenant, systemTenant } from '../../event/index.ts'
import type { Selection } from '../search.ts'
import { answerOf, type Asking } from '../asking.ts'
import type { SearchRows } from './rows.ts'

/** Indexes `from` (inclusive) to `to` (exclusive). */
export interface LogRange {
  log: number
  tenant: string
  size: number
  from: number
  to: number
  /** Of all its entries, how many wait for the part of the index that is built behind. */
  unindexed: number
}

export class LogRanges {
  readonly #rows: SearchRows
  readonly #selection: Selection
  readonly #ranges = new Map<number, LogRange | undefined>()

  constructor(rows: SearchRows, selection: Selection) {
    this.#rows = rows
    this.#selection = selection
  }

  /** Of the logs that were met. */
  get unindexed(): number {
    return [...this.#ranges.values()].reduce((sum, range) => sum + (range?.unindexed ?? 0), 0)
  }

  /** Undefined where the selection does not look. */
  *of(log: number): Asking<LogRange | undefined> {
    if (!this.#ranges.has(log)) this.#ranges.set(log, yield* this.#read(log))
    return this.#ranges.get(log)
  }

  *#read(log: number): Asking<LogRange | undefined> {
    const { tenant, sealed, below = Infinity } = this.#selection
    const head = yield* answerOf(this.#rows.head(log))
    if (head === undefined) return undefined
    if (tenant === undefined && (head.tenant === metaTenant || head.tenant === systemTenant)) return undefined
    return {
      log,
      tenant: head.tenant,
      size: head.size,
      from: sealed === false ? head.publishedSize : 0,
      to: Math.min(head.size, below, sealed === true ? head.publishedSize : Infinity),
      unindexed: head.size - head.indexedSize,
    }
  }
}
