/** The part of each log that a selection looks at, read when the log is met. */
import { metaTenant, systemTenant } from '../../event/index.ts'
import type { Selection } from '../search.ts'
import type { All } from './index-lookup.ts'

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
  readonly #all: All
  readonly #selection: Selection
  readonly #ranges = new Map<number, LogRange | undefined>()

  constructor(all: All, selection: Selection) {
    this.#all = all
    this.#selection = selection
  }

  /** Of the logs that were met. */
  get unindexed(): number {
    return [...this.#ranges.values()].reduce((sum, range) => sum + (range?.unindexed ?? 0), 0)
  }

  /** Undefined where the selection does not look. */
  of(log: number): LogRange | undefined {
    if (!this.#ranges.has(log)) this.#ranges.set(log, this.#read(log))
    return this.#ranges.get(log)
  }

  #read(log: number): LogRange | undefined {
    const { tenant, sealed, below = Infinity } = this.#selection
    const row = this.#all(
      'SELECT tenant, size, note_size, indexed FROM head JOIN log USING (log) WHERE log = ?',
      log,
    )[0]
    if (row === undefined) return undefined
    const head = row as unknown as { tenant: string; size: number; note_size: number; indexed: number }
    if (tenant === undefined && (head.tenant === metaTenant || head.tenant === systemTenant)) return undefined
    return {
      log,
      tenant: head.tenant,
      size: head.size,
      from: sealed === false ? head.note_size : 0,
      to: Math.min(head.size, below, sealed === true ? head.note_size : Infinity),
      unindexed: head.size - head.indexed,
    }
  }
}
