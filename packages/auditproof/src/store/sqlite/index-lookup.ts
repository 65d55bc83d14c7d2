/** Looking into the search index: which nodes and which entries have what a search wants. Counts its looks. */
import { microseconds } from '../../event/index.ts'
import { leafWidth, nodeWidth, OffsetSet } from '../offsets.ts'
import { isMatch, type Condition, type IndexNode, type KeyMatch } from '../search.ts'
import { indexOf, positionOf } from './place.ts'

type Value = string | number
export type All = (sql: string, ...values: Value[]) => Record<string, unknown>[]

const allChildren = 0xffff_ffff

/** Keys of one node that a prefix is followed through; where there are more, all that lies below is searched. */
const prefixKeysMax = 1_024
/** A row that is read along costs less than a look of its own. */
const rowsPerLook = 8

export class IndexLookup {
  readonly #all: All
  readonly #times: TimesCache
  looks = 0

  constructor(all: All, times: TimesCache) {
    this.#all = all
    this.#times = times
  }

  /** Which of the nodes below may hold what meets the conditions, bit by bit. */
  children(log: number, level: number, n: number, conditions: readonly Condition[]): number {
    let found = allChildren
    for (const { any, not } of conditions) {
      if (not) continue // that some entry has a key says nothing about the others
      let children = 0
      for (const match of any) children |= this.#childrenOf(log, level, n, match)
      found &= children
      if (found === 0) return 0
    }
    return found
  }

  #childrenOf(log: number, level: number, n: number, match: KeyMatch): number {
    this.looks += 1
    if ('key' in match) {
      const sql = 'SELECT children FROM carried WHERE log = ? AND level = ? AND n = ? AND key = ?'
      return Number(this.#all(sql, log, level, n, match.key)[0]?.['children'] ?? 0)
    }
    const [from, to] = rangeOf(match)
    const rows = this.#all(
      'SELECT children FROM carried WHERE log = ? AND level = ? AND n = ? AND key >= ? AND key < ? LIMIT ?',
      log, level, n, from, to, prefixKeysMax,
    ) // prettier-ignore
    this.looks += Math.floor(rows.length / rowsPerLook)
    return rows.length === prefixKeysMax ? allChildren : rows.reduce((union, row) => union | Number(row['children']), 0)
  }

  /** Nodes of the level below whose bits are set. */
  nodesBelow(log: number, level: number, n: number, children: number): IndexNode[] {
    this.looks += 2
    const rows = this.#all(
      'SELECT n, earliest, latest FROM node WHERE log = ? AND level = ? AND n >= ? AND n < ?',
      log,
      level - 1,
      n * nodeWidth,
      (n + 1) * nodeWidth,
    ) as unknown as IndexNode[]
    return rows.filter((row) => (children & (1 << (row.n % nodeWidth))) !== 0)
  }

  /** Entries of a leaf from one index to another (exclusive) that meet the conditions. */
  entries(log: number, leaf: number, from: number, to: number, conditions: readonly Condition[]): OffsetSet {
    this.looks += 1
    const begin = leaf * leafWidth
    const set = OffsetSet.first(Math.max(0, Math.min(leafWidth, to - begin)))
    if (from > begin) set.remove(OffsetSet.first(Math.min(leafWidth, from - begin)))
    // What narrows before what takes away.
    for (const { any } of conditions.filter(({ not }) => !not)) {
      if (set.isEmpty) return set
      set.keep(this.union(log, leaf, any))
    }
    for (const { any } of conditions.filter(({ not }) => not)) {
      if (set.isEmpty) return set
      set.remove(this.union(log, leaf, any))
    }
    return set
  }

  union(log: number, leaf: number, matches: readonly KeyMatch[]): OffsetSet {
    const union = new OffsetSet()
    for (const match of matches) for (const { offsets } of this.keysIn(log, leaf, match)) union.addText(offsets)
    return union
  }

  /** Keys of a leaf that match, with their entries. */
  keysIn(log: number, leaf: number, match: KeyMatch): { key: string; offsets: string }[] {
    this.looks += 1
    if ('key' in match)
      return this.#all(
        'SELECT key, offsets FROM posting WHERE log = ? AND leaf = ? AND key = ?',
        log,
        leaf,
        match.key,
      ) as { key: string; offsets: string }[]
    const rows = this.#all(
      'SELECT key, offsets FROM posting WHERE log = ? AND leaf = ? AND key >= ? AND key < ?',
      log,
      leaf,
      ...rangeOf(match),
    ) as { key: string; offsets: string }[]
    this.looks += Math.floor(rows.length / rowsPerLook)
    return rows.filter(({ key }) => isMatch(key, match))
  }

  /** occurredAt of the entries of a leaf, microseconds since 1970. */
  times(log: number, leaf: number, count: number): Float64Array {
    return this.#times.get(log, leaf, count, (from, to, isWhole) =>
      this.#readTimes(positionOf(log, from), positionOf(log, from) + to - from, isWhole),
    )
  }

  #readTimes(from: number, to: number, isWhole: boolean): Float64Array {
    const whole = isWhole ? this.#all('SELECT times FROM leaf_times WHERE position = ?', from)[0] : undefined
    this.looks += 1
    if (whole !== undefined) return new Float64Array(new Uint8Array(whole['times'] as Uint8Array).buffer)
    const rows = this.#all(
      'SELECT position, occurred_at FROM content WHERE position >= ? AND position < ? ORDER BY position',
      from,
      to,
    )
    const times = new Float64Array(to - from).fill(Number.NaN) // what has no content has no place in a list
    for (const row of rows)
      times[(row['position'] as number) - from] = microseconds((row['occurred_at'] as string | null) ?? '')
    return times
  }
}

/** Times never change: of leaves that still grow, the rest is read. Kept for some leaves, the least recently used go. */
export class TimesCache {
  readonly #times = new Map<number, { times: Float64Array; count: number }>()
  readonly #leavesMax: number

  constructor(leavesMax: number) {
    this.#leavesMax = leavesMax
  }

  get(
    log: number,
    leaf: number,
    count: number,
    read: (from: number, to: number, isWhole: boolean) => Float64Array,
  ): Float64Array {
    const place = positionOf(log, leaf * leafWidth)
    let known = this.#times.get(place)
    if (known === undefined || known.count < count) {
      const have = known?.count ?? 0
      const first = indexOf(place)
      const more = read(first + have, first + count, have === 0 && count === leafWidth)
      const times = known === undefined || known.times.length < count ? grown(known?.times, have, count) : known.times
      times.set(more, have)
      known = { times, count }
    }
    this.#times.delete(place)
    this.#times.set(place, known)
    if (this.#times.size > this.#leavesMax) this.#times.delete(this.#times.keys().next().value!)
    return known.times
  }
}

/** Room for as many again, so that a leaf that grows one by one is not copied each time. */
function grown(times: Float64Array | undefined, have: number, count: number): Float64Array {
  const room = new Float64Array(Math.min(leafWidth, Math.max(count, 2 * have)))
  if (times !== undefined) room.set(times.subarray(0, have))
  return room
}

/** All keys of a match lie at or after the first and before the second, in the order of their UTF-8. */
function rangeOf(match: Exclude<KeyMatch, { key: string }>): [string, string] {
  return 'from' in match ? [match.from, `${match.to}\u0000`] : [match.prefix, afterPrefix(match.prefix)]
}

/** The first text that comes after all that begin with this one. */
function afterPrefix(prefix: string): string {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!)
  while (points.at(-1) === 0x10ffff) points.pop()
  const last = points.pop() ?? 0
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
}
