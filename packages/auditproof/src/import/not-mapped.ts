/** How many records had a member that no mapping reads: kept in their originals, and listed. */
import { importLimits } from './limits.ts'

/** Count by name, largest first. */
export type NotMappedCounts = { [name: string]: number }

/** Counts the names beyond the limit: a source may use ids as names. */
export const otherNames = '(other names)'

export class NotMapped {
  readonly #counts = new Map<string, number>()
  readonly #namesMax: number

  constructor(namesMax: number = importLimits.notMappedNamesMax) {
    this.#namesMax = namesMax
  }

  add(names: readonly string[]): void {
    for (const name of names) {
      const counted = this.#counts.has(name) || this.#counts.size < this.#namesMax ? name : otherNames
      this.#counts.set(counted, (this.#counts.get(counted) ?? 0) + 1)
    }
  }

  counts(): NotMappedCounts {
    const sorted = [...this.#counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    return Object.fromEntries(sorted)
  }
}
