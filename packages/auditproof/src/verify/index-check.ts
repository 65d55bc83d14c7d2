/**
 * The search index of one log: leaves against their entries, and each node above against those below it, so that what
 * is derived of a leaf holds all the way up. One hash a node is kept until the node above it has been seen.
 */
import type { ClearMembers, GroupValues } from '../event/index.ts'
import type { Findings } from './findings.ts'
import { kindOf, LeafCheck, type Difference } from './leaf-check.ts'
import type { IndexClaim, NodeRow } from './rows.ts'

/** What a node has to be, as what lies below it says. Undefined: that cannot be read. */
export interface DerivedNode {
  readonly n: number
  readonly range: { earliest: number; latest: number } | undefined
  /** One hash for its keys. */
  readonly digest: string | undefined
}

/** The nodes of `level` that lie under node `n` of the level above, as far as they are there. */
export interface Family {
  readonly level: number
  readonly n: number
  readonly children: readonly DerivedNode[]
}

/** Something wrong about the indexes [from, to). */
export interface NodeProblem {
  readonly reason: string
  readonly range: readonly [from: number, to: number]
}

export class IndexCheck {
  readonly claim: IndexClaim
  readonly #findings: Findings
  #leaf: LeafCheck | undefined
  /** By level, the nodes that lie under none that was seen. */
  readonly #waiting: DerivedNode[][] = []
  #keys = 0
  #entries = 0
  #ahead = -1
  #laterAhead = -1

  constructor(claim: IndexClaim, findings: Findings) {
    this.#findings = findings
    this.claim = { ...claim, indexedSize: Math.min(claim.indexedSize, claim.size) }
    if (claim.indexedSize > claim.size)
      findings.inIndex(`the search index is said to hold ${claim.indexedSize} entries, the log has ${claim.size}`)
  }

  get keysChecked(): number {
    return this.#keys
  }

  get entriesChecked(): number {
    return this.#entries
  }

  addEvent(index: number, clear: ClearMembers, values: Partial<GroupValues> | undefined, isErased: boolean): void {
    this.#leafOf(index).addEvent(index, clear, values, isErased)
  }

  addUnknown(index: number): void {
    this.#leafOf(index).addUnknown(index)
  }

  /** The leaf that ends before index `end`, with what its entries gave. */
  takeLeaf(end: number): LeafCheck {
    const leaf = this.#leafOf(end - 1)
    this.#leaf = undefined
    return leaf
  }

  /** After its rows; the difference is one that stayed. @returns a family that is complete with it */
  leafDone(leaf: LeafCheck, difference: Difference | undefined): Family | undefined {
    if (difference?.index !== undefined)
      this.#findings.inIndex(difference.what, [difference.index, difference.index + 1])
    else if (difference !== undefined) this.add({ reason: difference.what, range: this.#range(0, leaf.n) })
    this.#keys += leaf.keys
    this.#entries += Math.min(this.claim.leafWidth, this.claim.size - leaf.n * this.claim.leafWidth)
    this.#ahead = Math.max(this.#ahead, leaf.ahead.any)
    this.#laterAhead = Math.max(this.#laterAhead, leaf.ahead.later)
    return this.#add(0, { n: leaf.n, range: leaf.range, digest: leaf.digest })
  }

  /** Levels of nodes that were seen. */
  get levels(): number {
    return this.#waiting.length
  }

  /** The last of each level, which are not complete. */
  restOf(level: number): Family | undefined {
    const children = this.#waiting[level] ?? []
    this.#waiting[level] = []
    const [first] = children
    return first && { level, n: Math.floor(first.n / this.claim.nodeWidth), children }
  }

  /** Whether the node above a family is to be there: it may still be in the making where the index ends with it. */
  isComplete({ level, n }: Family): boolean {
    return this.#range(level + 1, n)[1] <= this.claim.indexedSize
  }

  /** @param grown the log has grown since the check began: the newest leaf may hold more than was looked at */
  familyProblem(
    family: Family,
    above: NodeRow | undefined,
    below: readonly NodeRow[],
    grown: boolean,
  ): NodeProblem | undefined {
    const { level, n, children } = family
    const rows = new Map(below.map((row) => [row.n, row]))
    if (above === undefined && this.#range(level + 1, n)[1] < this.claim.indexedSize)
      return this.#problem(level + 1, n, 'is missing')
    for (const child of children) {
      const row = rows.get(child.n)
      if (row === undefined) return this.#problem(level, child.n, 'is missing')
      const isGrowing = grown && this.#range(level, child.n)[1] > this.claim.size
      if (child.range !== undefined && !isRangeOf(row, child.range, isGrowing))
        return this.#problem(
          level,
          child.n,
          'has another range of time than its entries, so a search by time would miss some',
        )
      if (row.top !== (above === undefined))
        return this.#problem(level, child.n, row.top ? 'is found twice' : 'cannot be reached by a search')
    }
    return undefined
  }

  /** A family that was looked at; a node above it with its digest, if that was complete. @returns the next family */
  familyDone({ level, n, children }: Family, isThere: boolean, digest: string | undefined): Family | undefined {
    const [, end] = this.#range(level + 1, n)
    if (isThere && end > this.claim.indexedSize) this.#laterAhead = Math.max(this.#laterAhead, end - 1)
    if (end > this.claim.indexedSize || (!isThere && end === this.claim.indexedSize)) return undefined
    return this.#add(level + 1, { n, range: unionOf(children), digest })
  }

  /** Of a node: one of those below has a key that it does not say, or it says one that none has. */
  keyProblem({ level, n }: Family, child: number, key: string, says: boolean): NodeProblem {
    const how = says
      ? 'leads to entries that have no such key'
      : 'does not lead to entries that have it, so a search would miss them'
    const { reason } = this.#problem(level + 1, n, how)
    return { reason: `${kindOf(key)}: ${reason}`, range: this.#range(level, child) }
  }

  nodeProblem({ level, n }: Family, how: string): NodeProblem {
    return this.#problem(level + 1, n, how)
  }

  add({ reason, range: [from, to] }: NodeProblem): void {
    this.#findings.inIndex(reason, [from, Math.min(to, Math.max(from + 1, this.claim.size))])
  }

  /** @param now the log as it is after all of it was read: what is in the index must be in the log */
  finish(now: { size: number; indexedSize: number }): void {
    const ahead = (index: number, end: number, what: string): void => {
      if (index >= end)
        this.#findings.inIndex(`the search index has ${what} ${index}, and is to end before ${end}`, [index, index + 1])
    }
    ahead(this.#ahead, now.size, 'entry')
    ahead(this.#laterAhead, now.indexedSize, 'words or levels of entry')
  }

  #leafOf(index: number): LeafCheck {
    const n = Math.floor(index / this.claim.leafWidth)
    if (this.#leaf?.n !== n) this.#leaf = new LeafCheck(n, this.claim)
    return this.#leaf
  }

  #add(level: number, node: DerivedNode): Family | undefined {
    const children = (this.#waiting[level] ??= [])
    children.push(node)
    return (node.n + 1) % this.claim.nodeWidth === 0 ? this.restOf(level) : undefined
  }

  #problem(level: number, n: number, how: string): NodeProblem {
    return { reason: `node ${level}/${n} of the search index ${how}`, range: this.#range(level, n) }
  }

  #range(level: number, n: number): [from: number, to: number] {
    const width = this.claim.leafWidth * this.claim.nodeWidth ** level
    return [n * width, (n + 1) * width]
  }
}

function isRangeOf(
  row: NodeRow,
  { earliest, latest }: { earliest: number; latest: number },
  isGrowing: boolean,
): boolean {
  if (isGrowing) return row.earliest <= earliest && row.latest >= latest
  return row.earliest === earliest && row.latest === latest
}

function unionOf(children: readonly DerivedNode[]): DerivedNode['range'] {
  let [earliest, latest] = [Infinity, -Infinity]
  for (const { range } of children) {
    if (range === undefined) return undefined
    earliest = Math.min(earliest, range.earliest)
    latest = Math.max(latest, range.latest)
  }
  return { earliest, latest }
}
