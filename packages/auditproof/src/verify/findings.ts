/** What disagrees in one log, and where it begins. */
import type { FirstBad } from './report.ts'

export const checkNames = [
  'entries',
  'leaf hashes',
  'disclosures',
  'search columns',
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
}

/** The findings of one log. All are counted; of each kind the first few are kept. */
export class Findings {
  readonly #kept: Finding[] = []
  readonly #counts = new Map<CheckName, number>()
  #first: Finding | undefined

  add(check: CheckName, reason: string, range?: readonly [from: number, to: number]): void {
    const finding: Finding = { check, reason, ...(range && { range }) }
    const count = (this.#counts.get(check) ?? 0) + 1
    this.#counts.set(check, count)
    if (count <= keptMax) this.#kept.push(finding)
    if (this.#first === undefined || comesBefore(finding, this.#first)) this.#first = finding
  }

  /** At one index. */
  at(index: number, check: CheckName, reason: string): void {
    this.add(check, `index ${index}: ${reason}`, [index, index + 1])
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
function comesBefore({ range: a }: Finding, { range: b }: Finding): boolean {
  if (a === undefined || b === undefined) return a !== undefined
  return a[1] !== b[1] ? a[1] < b[1] : a[0] > b[0]
}
