/**
 * The search itself: best first through the index. Every node says between which times its entries lie, so the node that
 * may hold the next row is opened, and none that cannot. Late and imported events thus come out in their place, and what
 * a page costs does not depend on how much there is.
 */
import { Heap } from '../heap.ts'
import { leafWidth, nodeWidth } from '../offsets.ts'
import { comparePositions, isInTime, type ListPosition, type Selection } from '../search.ts'
import type { All, IndexLookup } from './index-lookup.ts'
import { LogRanges, type LogRange } from './log-ranges.ts'
import { topNodesInOrder, topNodesOf, type TopNode } from './top-nodes.ts'

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
  /** Nodes that no other leads to, in the order of the list; the next of them. */
  readonly #tops: Iterator<TopNode, void>
  #nextTop: Item | undefined

  constructor(lookup: IndexLookup, all: All, options: WalkOptions) {
    const { selection, descending, after } = options
    this.#lookup = lookup
    this.#options = options
    this.#ranges = new LogRanges(all, selection)
    // At one place a node comes before a row: it may hold that very place, never one before.
    this.#heap = new Heap((a, b) => {
      const difference = this.compare(a, b)
      return difference === 0 ? a.node !== undefined && b.node === undefined : difference < 0
    })
    this.#tops =
      selection.tenant === undefined
        ? topNodesInOrder(all, selection, descending, after)
        : this.#inOrder(topNodesOf(all, selection.tenant))
    this.#takeTop()
  }

  /** How many entries of the logs looked at wait for the part of the index that is built behind. */
  get unindexed(): number {
    return this.#ranges.unindexed
  }

  /** Where the search stands: nothing that is left comes before it in the list. */
  get bound(): ListPosition | undefined {
    this.#fill()
    return this.#heap.first
  }

  /** Opens one node. @returns a row when one is next, 'opened' when none is yet, undefined at the end */
  step(): (ListPosition & { tenant: string }) | 'opened' | undefined {
    this.#fill()
    const item = this.#heap.pop()
    if (item === undefined) return undefined
    if (item.node !== undefined) {
      this.#open(item.node)
      return 'opened'
    }
    const run = item.rows!
    run.next += 1
    this.#pushRun(run)
    return { at: item.at, index: item.index, log: item.log, tenant: run.range.tenant }
  }

  /** Opens nodes until a leaf is met, for figures; no rows. @returns undefined at the end */
  nextLeaf(): TreeNode | undefined {
    for (;;) {
      this.#fill()
      const item = this.#heap.pop()
      if (item?.node === undefined) return undefined
      if (item.node.level === 0) return item.node
      this.#open(item.node)
    }
  }

  /** Below 0: `a` comes before `b` in the list. */
  compare(a: ListPosition, b: ListPosition): number {
    return this.#options.descending ? comparePositions(b, a) : comparePositions(a, b)
  }

  /** Nodes that stand alone, as long as one of them may come before all that is known. */
  #fill(): void {
    while (this.#nextTop !== undefined) {
      const { first } = this.#heap
      // Over all tenants they come in order of time only; among those of one time any may be first.
      if (
        first !== undefined &&
        this.compare({ ...first, log: 0, index: 0 }, { ...this.#nextTop, log: 0, index: 0 }) < 0
      )
        return
      this.#heap.push(this.#nextTop)
      this.#takeTop()
    }
  }

  #takeTop(): void {
    this.#nextTop = undefined
    while (this.#nextTop === undefined) {
      const { value, done } = this.#tops.next()
      if (done === true) return
      const range = this.#ranges.of(value.log)
      if (range !== undefined) this.#nextTop = this.#itemOf({ ...value, range })
    }
  }

  *#inOrder(nodes: TopNode[]): Generator<TopNode, void> {
    const { order, descending } = this.#options
    const place = ({ n, level, earliest, latest }: TopNode): number =>
      order === 'index' ? n * leafWidth * nodeWidth ** level : descending ? latest : earliest
    yield* nodes.sort((a, b) => (descending ? place(b) - place(a) : place(a) - place(b)))
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

  #open(node: TreeNode): void {
    const { range, level, n } = node
    const { conditions } = this.#options.selection
    if (level === 0) return this.#openLeaf(node)
    const children = this.#lookup.children(range.log, level, n, conditions)
    if (children === 0) return
    for (const child of this.#lookup.nodesBelow(range.log, level, n, children)) {
      const item = this.#itemOf({ ...child, log: range.log, level: level - 1, range })
      if (item !== undefined) this.#heap.push(item)
    }
  }

  #openLeaf({ range, n }: TreeNode): void {
    const entries = this.#lookup.entries(range.log, n, range.from, range.to, this.#options.selection.conditions)
    if (!entries.isEmpty) this.#pushRun({ range, places: this.#placesOf(range, n, entries.offsets()), next: 0 })
  }

  #pushRun(run: Run): void {
    const place = run.places[run.next]
    if (place !== undefined) this.#heap.push({ ...place, log: run.range.log, node: undefined, rows: run })
  }

  #placesOf(range: LogRange, leaf: number, offsets: number[]): Run['places'] {
    const { selection, order, after } = this.#options
    const { since, until, within } = selection
    const begin = leaf * leafWidth
    const isTimed = order === 'time' || (since ?? until ?? within) !== undefined
    const times = isTimed ? this.#lookup.times(range.log, leaf, Math.min(leafWidth, range.size - begin)) : undefined
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
