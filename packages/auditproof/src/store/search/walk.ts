/**
 * The search itself: best first through the index. Every node says between which times its entries lie, so the node that
 * may hold the next row is opened, and none that cannot. Late and imported events thus come out in their place, and what
 * a page costs does not depend on how much there is.
 */
import { Heap } from '../heap.ts'
import { leafWidth, nodeWidth } from '../offsets.ts'
import { comparePositions, isInTime, type ListPosition, type Selection } from '../search.ts'
import type { Asking } from '../asking.ts'
import type { IndexLookup } from './lookup.ts'
import { LogRanges, type LogRange } from './log-ranges.ts'
import type { SearchRows, TopNode } from './rows.ts'
import { TopNodes } from './top-nodes.ts'

export interface TreeNode extends TopNode {
  range: LogRange
}

/** What is still to be looked into, and the first place in the list that may be in it: a node, or rows that are known. */
interface Item extends ListPosition {
  node: TreeNode | undefined
  /** In the order of the list; the first is the item's own place. */
  rows: Run | undefined
}

interface Run {
  range: LogRange
  places: { at: number; index: number }[]
  next: number
}

export interface WalkOptions {
  selection: Selection
  order: 'time' | 'index'
  descending: boolean
  /** Only what comes after it in the order of the list. */
  after?: ListPosition | undefined
}

export class Walk {
  readonly #lookup: IndexLookup
  readonly #options: WalkOptions
  readonly #ranges: LogRanges
  readonly #heap: Heap<Item>
  readonly #tops: TopNodes
  /** The next of them; null at the end, undefined before the first was asked for. */
  #nextTop: Item | null | undefined

  constructor(lookup: IndexLookup, rows: SearchRows, options: WalkOptions) {
    this.#lookup = lookup
    this.#options = options
    this.#ranges = new LogRanges(rows, options.selection)
    this.#tops = new TopNodes(rows, options)
    // At one place a node comes before a row: it may hold that very place, never one before.
    this.#heap = new Heap((a, b) => {
      const difference = this.compare(a, b)
      return difference === 0 ? a.node !== undefined && b.node === undefined : difference < 0
    })
  }

  /** How many entries of the logs looked at wait for the part of the index that is built behind. */
  get unindexed(): number {
    return this.#ranges.unindexed
  }

  /** Where the search stands: nothing that is left comes before it in the list. */
  *bound(): Asking<ListPosition | undefined> {
    yield* this.#fill()
    return this.#heap.first
  }

  /** Opens one node. @returns a row when one is next, 'opened' when none is yet, undefined at the end */
  *step(): Asking<(ListPosition & { tenant: string }) | 'opened' | undefined> {
    yield* this.#fill()
    const item = this.#heap.pop()
    if (item === undefined) return undefined
    if (item.node !== undefined) {
      yield* this.#open(item.node)
      return 'opened'
    }
    const run = item.rows!
    run.next += 1
    this.#pushRun(run)
    return { at: item.at, index: item.index, log: item.log, tenant: run.range.tenant }
  }

  /** Opens nodes until a leaf is met, for figures; no rows. @returns undefined at the end */
  *nextLeaf(): Asking<TreeNode | undefined> {
    for (;;) {
      yield* this.#fill()
      const item = this.#heap.pop()
      if (item?.node === undefined) return undefined
      if (item.node.level === 0) return item.node
      yield* this.#open(item.node)
    }
  }

  /** Below 0: `a` comes before `b` in the list. */
  compare(a: ListPosition, b: ListPosition): number {
    return this.#options.descending ? comparePositions(b, a) : comparePositions(a, b)
  }

  /** Nodes that stand alone, as long as one of them may come before all that is known. */
  *#fill(): Asking<void> {
    if (this.#nextTop === undefined) yield* this.#takeTop()
    while (this.#nextTop) {
      const { first } = this.#heap
      // Over all tenants they come in order of time only; among those of one time any may be first.
      if (
        first !== undefined &&
        this.compare({ ...first, log: 0, index: 0 }, { ...this.#nextTop, log: 0, index: 0 }) < 0
      )
        return
      this.#heap.push(this.#nextTop)
      yield* this.#takeTop()
    }
  }

  *#takeTop(): Asking<void> {
    for (;;) {
      const node = yield* this.#tops.next()
      const range = node && (yield* this.#ranges.of(node.log))
      this.#nextTop = node === undefined ? null : range && this.#itemOf({ ...node, range })
      if (this.#nextTop !== undefined) return
    }
  }

  /** Undefined where nothing of it can be selected, or come after where the list goes on. */
  #itemOf(node: TreeNode): Item | undefined {
    const { selection, order, descending, after } = this.#options
    const { since = -Infinity, until = Infinity } = selection
    const { range, level, n, earliest, latest } = node
    const width = leafWidth * nodeWidth ** level
    const [first, last] = [Math.max(range.from, n * width), Math.min(range.to, (n + 1) * width) - 1]
    if (first > last || latest < since || earliest >= until) return undefined
    const low = { at: order === 'index' ? first : earliest, log: range.log, index: first }
    const high = { at: order === 'index' ? last : latest, log: range.log, index: last }
    if (after !== undefined && this.compare(descending ? low : high, after) <= 0) return undefined
    return { ...(descending ? high : low), node, rows: undefined }
  }

  *#open(node: TreeNode): Asking<void> {
    const { range, level, n } = node
    const { conditions } = this.#options.selection
    if (level === 0) {
      yield* this.#openLeaf(node)
      return
    }
    const children = yield* this.#lookup.children(range.log, level, n, conditions)
    if (children === 0) return
    for (const child of yield* this.#lookup.nodesBelow(range.log, level, n, children)) {
      const item = this.#itemOf({ ...child, log: range.log, level: level - 1, range })
      if (item !== undefined) this.#heap.push(item)
    }
  }

  *#openLeaf({ range, n }: TreeNode): Asking<void> {
    const entries = yield* this.#lookup.entries(range.log, n, range.from, range.to, this.#options.selection.conditions)
    if (!entries.isEmpty) this.#pushRun({ range, places: yield* this.#placesOf(range, n, entries.offsets()), next: 0 })
  }

  #pushRun(run: Run): void {
    const place = run.places[run.next]
    if (place !== undefined) this.#heap.push({ ...place, log: run.range.log, node: undefined, rows: run })
  }

  *#placesOf(range: LogRange, leaf: number, offsets: number[]): Asking<Run['places']> {
    const { selection, order, after } = this.#options
    const { since, until, within } = selection
    const begin = leaf * leafWidth
    const isTimed = order === 'time' || (since ?? until ?? within) !== undefined
    const times = isTimed
      ? yield* this.#lookup.times(range.log, leaf, Math.min(leafWidth, range.size - begin))
      : undefined
    const places: ListPosition[] = []
    for (const offset of offsets) {
      const time = times?.[offset] ?? 0
      if (isTimed && !isInTime(selection, time)) continue
      const index = begin + offset
      const place = { at: order === 'time' ? time : index, log: range.log, index }
      if (after === undefined || this.compare(place, after) > 0) places.push(place)
    }
    return places.sort((a, b) => this.compare(a, b))
  }
}
