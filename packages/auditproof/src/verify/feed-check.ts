/** The feed: positions dense from 1, and for each log the ranges of its checkpoints, one after the other. */
import type { FeedEntry } from './rows.ts'

export class FeedCheck {
  #position = 0
  /** By log, up to where it has been told of. */
  readonly #reached = new Map<number, number>()
  /** What is wrong, without a log or with the number of one. */
  readonly problems: { log: number | undefined; reason: string }[] = []

  get position(): number {
    return this.#position
  }

  add(rows: readonly FeedEntry[]): void {
    for (const { position, log, from, to } of rows) {
      if (position !== this.#position + 1) this.#bad(undefined, `row ${this.#position + 1} of the feed is missing`)
      this.#position = position
      const reached = this.#reached.get(log) ?? 0
      if (from !== reached) this.#bad(log, `row ${position} of the feed begins at index ${from} instead of ${reached}`)
      else if (to <= from) this.#bad(log, `row ${position} of the feed is empty`)
      this.#reached.set(log, Math.max(to, reached))
    }
  }

  /** Every log that the feed names, and how far. */
  get reached(): ReadonlyMap<number, number> {
    return this.#reached
  }

  #bad(log: number | undefined, reason: string): void {
    if (this.problems.length < problemsMax) this.problems.push({ log, reason })
  }
}

const problemsMax = 100
