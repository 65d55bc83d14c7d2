/**
 * The search index of one log, read leaf by leaf and handed to its check, each node above as soon as all below it were
 * seen. Only the keys of one node are held.
 *
 * A store may be written to and erased from meanwhile, and an erasure takes keys out of rows that were added before: what
 * was read of an event and what was read of its keys may be of different times. So a difference is looked at again,
 * everything about it read anew, and counts if it stays: nobody erases from the same place each time.
 */
import { compareKeys } from '../event/index.ts'
import type { Posting } from '../store/search.ts'
import type { LogHead, Store } from '../store/store.ts'
import { LeafCheck, NodeCheck } from '../verify/index.ts'
import type { Difference, Family, IndexCheck, NodeProblem } from '../verify/index.ts'
import { readErasures } from './read-erasures.ts'

/** Rows in one read. */
const rowsPerRead = 4_096
/** How often a difference is looked at before it is a finding. */
const looksMax = 3

/** What of a store is read here. */
export type IndexStore = Pick<Store, 'entries' | 'erasures' | 'headOf' | 'indexNodes' | 'leafTimes' | 'postings'>

export class IndexReader {
  readonly #store: IndexStore
  readonly #head: Pick<LogHead, 'log' | 'tenant' | 'size'>
  readonly #check: IndexCheck
  /** The first rows of the leaf that comes next, read while its entries are checked. */
  #begun: { n: number; page: Promise<Posting[]> } | undefined

  constructor(store: IndexStore, head: Pick<LogHead, 'log' | 'tenant' | 'size'>, check: IndexCheck) {
    this.#store = store
    this.#head = head
    this.#check = check
  }

  /** Begins to read the leaf that ends before index `end`, if it has not begun. */
  begin(end: number): void {
    const n = Math.floor((end - 1) / this.#check.claim.leafWidth)
    if (this.#begun?.n === n) return
    const page = this.#page(0, n, '')
    page.catch(() => {}) // its error is thrown where it is awaited
    this.#begun = { n, page }
  }

  /** After the entries of the leaf that ends before index `end`. */
  async checkLeaf(end: number): Promise<void> {
    const begun = this.#begun
    let leaf = this.#check.takeLeaf(end)
    let difference = await this.#compareLeaf(leaf, begun?.n === leaf.n ? begun.page : undefined)
    for (let look = 1; difference !== undefined && look < looksMax; look++) {
      leaf = await this.#deriveAgain(leaf.n)
      difference = await this.#compareLeaf(leaf)
    }
    await this.#checkFamilies(this.#check.leafDone(leaf, difference))
  }

  /** After all leaves: the nodes under which more is to come. */
  async checkRest(): Promise<void> {
    for (let level = 0; level < this.#check.levels; level++) await this.#checkFamilies(this.#check.restOf(level))
  }

  async #compareLeaf(leaf: LeafCheck, begun?: Promise<Posting[]>): Promise<Difference | undefined> {
    await this.#eachPage(0, leaf.n, (rows) => leaf.addRows(rows), begun)
    return leaf.finish(await this.#store.leafTimes(this.#head.log, leaf.n))
  }

  async #deriveAgain(n: number): Promise<LeafCheck> {
    const { log, size } = this.#head
    const { leafWidth } = this.#check.claim
    const leaf = new LeafCheck(n, this.#check.claim)
    const end = Math.min(size, (n + 1) * leafWidth)
    for (let from = n * leafWidth; from < end;) {
      const rows = await this.#store.entries(log, from, end)
      const to = (rows.at(-1)?.index ?? end) + 1
      const erased = new Set((await readErasures(this.#store, log, from - 1, to)).map(({ index }) => index))
      for (const row of rows) leaf.addStored(row, erased.has(row.index))
      from = to
    }
    return leaf
  }

  async #checkFamilies(first: Family | undefined): Promise<void> {
    for (let family = first; family !== undefined;) {
      const isThere = await this.#checkFamily(family)
      const digest = isThere && this.#check.isComplete(family) ? await this.#checkKeys(family) : undefined
      family = this.#check.familyDone(family, isThere, digest)
    }
  }

  /** @returns whether there is a node above it */
  async #checkFamily(family: Family): Promise<boolean> {
    const { log, tenant, size } = this.#head
    const { level, n } = family
    const { nodeWidth } = this.#check.claim
    for (let look = 1; ; look++) {
      const below = await this.#store.indexNodes(log, level, n * nodeWidth - 1, nodeWidth)
      const above = (await this.#store.indexNodes(log, level + 1, n - 1, 1)).find((row) => row.n === n)
      // Asked after the nodes, so that it has grown if they have.
      const grown = ((await this.#store.headOf(tenant))?.size ?? 0) > size
      const problem = this.#check.familyProblem(family, above, below, grown)
      if (problem !== undefined && look < looksMax) continue
      if (problem !== undefined) this.#check.add(problem)
      return above !== undefined
    }
  }

  /** The keys of the node above a family against theirs. @returns one hash for them */
  async #checkKeys(family: Family): Promise<string> {
    const node = new NodeCheck(this.#check.claim.nodeWidth)
    await this.#eachPage(family.level + 1, family.n, (rows) => node.addRows(rows))
    const { differing, wrong, digest } = node.finish(family.children.map((child) => child.digest ?? ''))
    const known = differing.filter((i) => family.children[i]?.digest !== undefined)
    for (const i of known) {
      let problem = await this.#keyProblem(family, i)
      for (let look = 1; problem !== undefined && look < looksMax; look++) problem = await this.#keyProblem(family, i)
      if (problem !== undefined) this.#check.add(problem)
    }
    if (wrong !== undefined) this.#check.add(this.#check.nodeProblem(family, wrong))
    return digest
  }

  /** The first key of one of the nodes below of which the node above says something else: both are merged in their order. */
  async #keyProblem(family: Family, i: number): Promise<NodeProblem | undefined> {
    const child = family.children[i]!.n
    const has = this.#keys(family.level, child)
    const said = this.#keys(family.level + 1, family.n, child % this.#check.claim.nodeWidth)
    for (;;) {
      const [one, other] = [(await has.next()).value, (await said.next()).value]
      if (one === undefined && other === undefined) return undefined
      if (one === other) continue
      const says = one === undefined || (other !== undefined && compareKeys(other, one) < 0)
      return this.#check.keyProblem(family, child, says ? other! : one, says)
    }
  }

  async *#keys(level: number, n: number, member?: number): AsyncGenerator<string, undefined> {
    for (let after = ''; ;) {
      const page = await this.#page(level, n, after)
      for (const { key, members } of page) if (member === undefined || members.includes(member)) yield key
      const last = page.at(-1)?.key ?? ''
      if (page.length < rowsPerRead || compareKeys(last, after) <= 0) return undefined
      after = last
    }
  }

  /** While one page is worked on, the next is read. Ends early where `take` gives false. */
  async #eachPage(
    level: number,
    n: number,
    take: (rows: Posting[]) => boolean,
    begun?: Promise<Posting[]>,
  ): Promise<void> {
    for (let next = begun ?? this.#page(level, n, ''); ;) {
      const page = await next
      const isLast = page.length < rowsPerRead
      if (!isLast) next = this.#page(level, n, page.at(-1)!.key)
      next.catch(() => {}) // its error is thrown where it is awaited
      if (!take(page) || isLast) return
    }
  }

  #page(level: number, n: number, afterKey: string): Promise<Posting[]> {
    return this.#store.postings(this.#head.log, level, n, afterKey, rowsPerRead)
  }
}
