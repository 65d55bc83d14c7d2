/**
 * The search itself: best first through the index. Every node says between which times its entries lie, so the node that
 * may hold the next row is opened, and none that cannot. Late and imported events thus come out in their place, and what
 * a page costs does not depend on how much there is.
 */
import { metaTenant, systemTenant } from '../../event/index.ts'
import { Heap } from '../heap.ts'
import { leafWidth, nodeWidth } from '../offsets.ts'
import {
  comparePlaces,
  comparePositions,
  isInTime,
  type IndexNode,
  type ListPosition,
  type Selection,
} from '../search.ts'
import type { All, IndexLookup } from './index-lookup.ts'

/** The part of one log that is searched: indexes `from` (inclusive) to `to` (exclusive). */
export interface LogRange {
  log: number
  tenant: string
  size: number
  from: number
  to: number
  /** Of all its entries, how many wait for the part of the index that is built behind. */
  unindexed: number
}

export interface TreeNode extends IndexNode {
  range: LogRange
  level: number
}

/** What is still to be looked into: a node, or the entries of a leaf, the first of them next. */
type Item = { at: number; node: TreeNode } | { at: number; node: undefined; run: Run }

interface Run {
  range: LogRange
  /** In the order of the list. */
  places: { at: number; index: number }[]
  next: number
}

export interface WalkOptions {
  selection: Selection
  order: 'time' | 'index'
  descending: boolean
  after?: ListPosition | undefined
}

export class Walk {
  readonly #lookup: IndexLookup
  readonly #all: All
  readonly #options: WalkOptions
  readonly #ranges: Ranges
  readonly #heap: Heap<Item>
  /** Where nodes come from that no other leads to, in the order of the list; undefined when all are in the heap. */
  #tops: Iterator<TreeNode> | undefined
  #nextTop: TreeNode | undefined

  constructor(lookup: IndexLookup, all: All, options: WalkOptions) {
    this.#lookup = lookup
    this.#all = all
    this.#options = options
    this.#ranges = new Ranges(all, options.selection)
    const sign = options.descending ? -1 : 1
    // Of what stands at one place nodes come first: they may hold a row that comes before the others there.
    this.#heap = new Heap((a, b) => {
      const difference = sign * (a.at - b.at)
      if (difference !== 0) return difference < 0
      if (a.node !== undefined || b.node !== undefined) return a.node !== undefined && b.node === undefined
      return sign * comparePlaces(headOf(a.run), headOf(b.run)) < 0
    })
    this.#tops = this.#readTops()
    this.#takeTop()
  }

  /** How many entries of the logs looked at wait for the part of the index that is built behind. */
  get unindexed(): number {
    return this.#ranges.unindexed
  }

  /** Where the search stands: nothing that is left comes before it. */
  get bound(): number | undefined {
    this.#fill()
    return this.#heap.first?.at
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
    const { run } = item
    const { at, index } = run.places[run.next]!
    run.next += 1
    if (run.next < run.places.length) this.#heap.push({ at: run.places[run.next]!.at, node: undefined, run })
    return { at, index, log: run.range.log, tenant: run.range.tenant }
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

  /** Nodes that stand alone, as long as one of them may come before all that is known. */
  #fill(): void {
    const sign = this.#options.descending ? -1 : 1
    while (this.#nextTop !== undefined) {
      const { first } = this.#heap
      if (first !== undefined && sign * (first.at - this.#placeOf(this.#nextTop)) < 0) return
      this.#push(this.#nextTop)
      this.#takeTop()
    }
  }

  #takeTop(): void {
    const { value, done } = this.#tops!.next() as IteratorResult<TreeNode, undefined>
    this.#nextTop = done === true ? undefined : value
  }

  #push(node: TreeNode): void {
    if (this.#isWanted(node)) this.#heap.push({ at: this.#placeOf(node), node })
  }

  /** The place in the list before which nothing of it comes. */
  #placeOf({ level, n, earliest, latest }: TreeNode): number {
    const { order, descending } = this.#options
    if (order === 'time') return descending ? latest : earliest
    const width = leafWidth * nodeWidth ** level
    return descending ? (n + 1) * width - 1 : n * width
  }

  #isWanted({ range, level, n, earliest, latest }: TreeNode): boolean {
    const { selection, order, descending, after } = this.#options
    const { since = -Infinity, until = Infinity } = selection
    const width = leafWidth * nodeWidth ** level
    if (n * width >= range.to || (n + 1) * width <= range.from || latest < since || earliest >= until) return false
    if (after === undefined) return true
    if (order === 'time') return descending ? earliest <= after.at : latest >= after.at
    return descending ? n * width < after.index : (n + 1) * width > after.index
  }

  #open(node: TreeNode): void {
    const { range, level, n } = node
    const { conditions } = this.#options.selection
    if (level > 0) {
      const children = this.#lookup.children(range.log, level, n, conditions)
      if (children === 0) return
      for (const child of this.#lookup.nodesBelow(range.log, level, n, children))
        this.#push({ ...child, range, level: level - 1 })
      return
    }
    const entries = this.#lookup.entries(range.log, n, range.from, range.to, conditions)
    if (entries.isEmpty) return
    const places = this.#placesOf(node, entries.offsets())
    if (places.length > 0) this.#heap.push({ at: places[0]!.at, node: undefined, run: { range, places, next: 0 } })
  }

  #placesOf({ range, n }: TreeNode, offsets: number[]): Run['places'] {
    const { selection, order, descending, after } = this.#options
    const begin = n * leafWidth
    const sign = descending ? -1 : 1
    const { since, until, within } = selection
    const isTimed = order === 'time' || (since ?? until ?? within) !== undefined
    const times = isTimed ? this.#lookup.times(range.log, n, Math.min(leafWidth, range.size - begin)) : undefined
    const places: Run['places'] = []
    for (const offset of offsets) {
      const time = times?.[offset] ?? 0
      if (isTimed && !isInTime(selection, time)) continue
      const place = { at: order === 'time' ? time : begin + offset, index: begin + offset }
      if (after === undefined || sign * comparePositions({ ...place, log: range.log }, after) > 0) places.push(place)
    }
    return places.sort((a, b) => sign * (a.at - b.at || a.index - b.index))
  }

  *#readTops(): Generator<TreeNode, undefined> {
    const { selection, descending } = this.#options
    const { tenant } = selection
    if (tenant !== undefined || !descending) {
      const where = tenant === undefined ? '' : 'AND log = (SELECT log FROM log WHERE tenant = ?)'
      const sql = `SELECT log, level, n, earliest, latest FROM node WHERE top = 1 ${where}`
      const nodes = this.#all(sql, ...(tenant === undefined ? [] : [tenant])).flatMap((row) => this.#treeNode(row))
      const sign = descending ? -1 : 1
      yield* nodes.sort((a, b) => sign * (this.#placeOf(a) - this.#placeOf(b)))
      return undefined
    }
    // Over all tenants by the time of their newest entries, a hundred logs at a time: most pages need no more.
    for (let last: Record<string, unknown> | undefined; ;) {
      const rows: Record<string, unknown>[] = this.#all(
        `SELECT log, level, n, earliest, latest FROM node
         WHERE top = 1 AND (latest, log, level, n) < (?, ?, ?, ?) ORDER BY latest DESC, log DESC, level DESC, n DESC LIMIT ?`,
        (last?.['latest'] as number | undefined) ?? Infinity,
        (last?.['log'] as number | undefined) ?? 0,
        (last?.['level'] as number | undefined) ?? 0,
        (last?.['n'] as number | undefined) ?? 0,
        topsPerRead,
      )
      for (const row of rows) yield* this.#treeNode(row)
      if (rows.length < topsPerRead) return undefined
      last = rows.at(-1)
    }
  }

  #treeNode(row: Record<string, unknown>): TreeNode[] {
    const range = this.#ranges.of(row['log'] as number)
    return range === undefined ? [] : [{ ...(row as unknown as IndexNode & { level: number }), range }]
  }
}

const topsPerRead = 100

/** The logs that a selection looks at, each read when it is met. */
class Ranges {
  readonly #all: All
  readonly #selection: Selection
  readonly #ranges = new Map<number, LogRange | undefined>()

  constructor(all: All, selection: Selection) {
    this.#all = all
    this.#selection = selection
  }

  get unindexed(): number {
    return [...this.#ranges.values()].reduce((sum, range) => sum + (range?.unindexed ?? 0), 0)
  }

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

const headOf = ({ range, places, next }: Run): { log: number; index: number } => ({
  log: range.log,
  index: places[next]!.index,
})
