/** occurredAt of entries, leaf by leaf. Times never change: of leaves that still grow, the rest is read. */
import { microseconds } from '../../event/index.ts'
import { leafWidth } from '../offsets.ts'
import { answerOf, type Asking } from '../asking.ts'
import type { SearchRows } from './rows.ts'

interface LeafTimes {
  times: Float64Array
  /** So many of them are known. */
  count: number
}

/** Kept for some leaves; the least recently used go. */
export class TimesCache {
  readonly #leaves = new Map<string, LeafTimes>()
  readonly #leavesMax: number

  constructor(leavesMax: number) {
    this.#leavesMax = leavesMax
  }

  /** Microseconds since 1970 of the first `count` entries of a leaf at least; NaN for what has no content. */
  *get(rows: SearchRows, log: number, leaf: number, count: number): Asking<Float64Array> {
    const place = `${log}/${leaf}`
    let known = this.#leaves.get(place)
    if (known === undefined || known.count < count) known = yield* this.#grow(rows, log, leaf, known, count)
    this.#leaves.delete(place)
    this.#leaves.set(place, known)
    if (this.#leaves.size > this.#leavesMax) this.#leaves.delete(this.#leaves.keys().next().value!)
    return known.times
  }

  *#grow(rows: SearchRows, log: number, leaf: number, known: LeafTimes | undefined, count: number): Asking<LeafTimes> {
    const have = known?.count ?? 0
    if (have === 0 && count === leafWidth) {
      const whole = yield* answerOf(rows.leafTimes(log, leaf))
      if (whole !== undefined) return { times: whole, count }
    }
    const first = leaf * leafWidth
    const more = yield* answerOf(rows.times(log, first + have, first + count))
    const times = known === undefined || known.times.length < count ? grown(known?.times, have, count) : known.times
    times.fill(Number.NaN, have, count) // what has no content has no place in a list
    for (const { index, occurredAt } of more) times[index - first] = microseconds(occurredAt ?? '')
    return { times, count }
  }
}

/** Room for as many again, so that a leaf that grows one by one is not copied each time. */
function grown(times: Float64Array | undefined, have: number, count: number): Float64Array {
  const room = new Float64Array(Math.min(leafWidth, Math.max(count, 2 * have)))
  if (times !== undefined) room.set(times.subarray(0, have))
  return room
}
