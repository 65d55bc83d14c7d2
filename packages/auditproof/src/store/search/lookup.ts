/** Looking into the search index: which nodes and which entries have what a search wants. Counts its looks. */
import { leafWidth, nodeWidth, OffsetSet } from '../offsets.ts'
import { isMatch, type Condition, type IndexNode, type KeyMatch } from '../search.ts'
import { answerOf, type Asking } from '../asking.ts'
import type { LeafKey, SearchRows } from './rows.ts'
import type { TimesCache } from './times-cache.ts'

const allChildren = 0xffff_ffff

/** Keys of one node that a prefix is followed through; where there are more, all that lies below is searched. */
const prefixKeysMax = 1_024
/** A row that is read along costs less than a look of its own. */
const rowsPerLook = 8

export class IndexLookup {
  readonly #rows: SearchRows
  readonly #times: TimesCache
  looks = 0

  constructor(rows: SearchRows, times: TimesCache) {
    this.#rows = rows
    this.#times = times
  }

  /** Which of the nodes below may hold what meets the conditions, bit by bit. */
  *children(log: number, level: number, n: number, conditions: readonly Condition[]): Asking<number> {
    let found = allChildren
    for (const { any, not } of conditions) {
      if (not) continue // that some entry has a key says nothing about the others
      let children = 0
      for (const match of any) children |= yield* this.#childrenOf(log, level, n, match)
      found &= children
      if (found === 0) return 0
    }
    return found
  }

  *#childrenOf(log: number, level: number, n: number, match: KeyMatch): Asking<number> {
    this.looks += 1
    const bits = yield* answerOf(this.#rows.children(log, level, n, match, prefixKeysMax))
    if (!('key' in match)) this.looks += Math.floor(bits.length / rowsPerLook)
    return bits.length === prefixKeysMax ? allChildren : bits.reduce((union, one) => union | one, 0)
  }

  /** Nodes of the level below whose bits are set. */
  *nodesBelow(log: number, level: number, n: number, children: number): Asking<IndexNode[]> {
    this.looks += 2
    const nodes = yield* answerOf(this.#rows.nodes(log, level - 1, n * nodeWidth, (n + 1) * nodeWidth))
    return nodes.filter((node) => (children & (1 << (node.n % nodeWidth))) !== 0)
  }

  /** Entries of a leaf from one index to another (exclusive) that meet the conditions. */
  *entries(log: number, leaf: number, from: number, to: number, conditions: readonly Condition[]): Asking<OffsetSet> {
    this.looks += 1
    const begin = leaf * leafWidth
    const set = OffsetSet.first(Math.max(0, Math.min(leafWidth, to - begin)))
    if (from > begin) set.remove(OffsetSet.first(Math.min(leafWidth, from - begin)))
    // What narrows before what takes away.
    for (const { any } of conditions.filter(({ not }) => !not)) {
      if (set.isEmpty) return set
      set.keep(yield* this.union(log, leaf, any))
    }
    for (const { any } of conditions.filter(({ not }) => not)) {
      if (set.isEmpty) return set
      set.remove(yield* this.union(log, leaf, any))
    }
    return set
  }

  *union(log: number, leaf: number, matches: readonly KeyMatch[]): Asking<OffsetSet> {
    const union = new OffsetSet()
    for (const { offsets } of yield* this.keysIn(log, leaf, matches)) union.addText(offsets)
    return union
  }

  /** Keys of a leaf that match any of these, with their entries. */
  *keysIn(log: number, leaf: number, matches: readonly KeyMatch[]): Asking<LeafKey[]> {
    this.looks += matches.length
    const found = yield* answerOf(this.#rows.postings(log, leaf, matches))
    this.looks += Math.floor(Math.max(0, found.length - matches.length) / rowsPerLook)
    return found.filter(({ key }) => matches.some((match) => isMatch(key, match)))
  }

  /** occurredAt of the entries of a leaf, microseconds since 1970. */
  *times(log: number, leaf: number, count: number): Asking<Float64Array> {
    this.looks += 1
    return yield* this.#times.get(this.#rows, log, leaf, count)
  }
}
