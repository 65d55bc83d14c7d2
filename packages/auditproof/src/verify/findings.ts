/** What disagrees in one log, and where it begins. */
import type { FirstBad } from './report.ts'

export const checkNames = [
  'entries',
  'leaf hashes',
  'disclosures',
  'search columns',
  'search index',
  'erasures',
  'tiles',
  'heads',
  'checkpoints',
  'meta log',
  'feed',
  'tenants',
  'earlier checkpoints',
  'signer',
] as const
export type CheckName = (typeof checkNames)[number]

export interface Finding {
  check: CheckName
  reason: string
  /** The indexes [from, to) among which it lies; undefined where it lies at none. */
  range?: readonly [from: number, to: number]
  /**
   * How far from the cause it may be: 0, it is there; 1, entries may have moved; 2, another event may be to blame; 3, a
   * copy of what is in the entries, which comes last where they say something themselves.
   */
  remote: 0 | 1 | 2 | 3
}

/** The findings of one log. All are counted; of each kind the first few are kept. */
export class Findings {
  readonly #kept: Finding[] = []
  readonly #counts = new Map<CheckName, number>()
  #first: Finding | undefined

  add(check: CheckName, reason: string, range?: readonly [from: number, to: number]): void {
    this.#add({ check, reason, ...(range && { range }), remote: 0 })
  }

  /** At one index: what is stored there contradicts itself. */
  at(index: number, check: CheckName, reason: string): void {
    this.add(check, `index ${index}: ${reason}`, [index, index + 1])
  }

  /** At one index, where it shows; what it comes of may lie elsewhere. */
  seenAt(index: number, check: CheckName, reason: string, remote: 1 | 2 = 1): void {
    this.#add({ check, reason: `index ${index}: ${reason}`, range: [index, index + 1], remote })
  }

  /** In the search index, of the entries [from, to) where it can be told. */
  inIndex(reason: string, range?: readonly [from: number, to: number]): void {
    const at = range !== undefined && range[1] === range[0] + 1 ? `index ${range[0]}: ${reason}` : reason
    this.#add({ check: 'search index', reason: at, ...(range && { range }), remote: 3 })
  }

  #add(finding: Finding): void {
    const { check } = finding
    const count = (this.#counts.get(check) ?? 0) + 1
    this.#counts.set(check, count)
    if (count <= keptMax) this.#kept.push(finding)
    if (this.#first === undefined || comesBefore(finding, this.#first)) this.#first = finding
  }

  /** The one that says most precisely where the first disagreement lies. */
  get first(): Finding | undefined {
    return this.#first
  }

  get kept(): readonly Finding[] {
    return this.#kept
  }

  count(check: CheckName): number {
    return this.#counts.get(check) ?? 0
  }

  get firstBad(): FirstBad {
    const range = this.#first?.range
    if (range === undefined) return null
    const [from, to] = range
    return to === from + 1 ? from : [from, to]
  }
}

const keptMax = 5

/**
 * What ends first: a range says that something within it disagrees, so an index inside it is the better answer, and
 * a range that ends before another begins is the earlier one.
 */
function comesBefore(a: Finding, b: Finding): boolean {
  if (a.range === undefined || b.range === undefined) return a.range !== undefined
  if (a.remote !== b.remote) return a.remote < b.remote
  return a.range[1] !== b.range[1] ? a.range[1] < b.range[1] : a.range[0] > b.range[0]
}
