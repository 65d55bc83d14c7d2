/** Figures about what is selected, newest first: leaf by leaf, until the count is full or the search met its bound. */
import { searchKinds } from '../../event/index.ts'
import { storeLimits } from '../limits.ts'
import { leafWidth, OffsetSet } from '../offsets.ts'
import { asksForLaterKeys, binsOf, isInTime, type Survey, type SurveyBin, type SurveyQuery } from '../search.ts'
import { IndexLookup, type All, type TimesCache } from './index-lookup.ts'
import { Walk, type TreeNode } from './walk.ts'

export function surveyOf(query: SurveyQuery, all: All, times: TimesCache): Survey {
  const lookup = new IndexLookup(all, times)
  const walk = new Walk(lookup, all, { selection: query, order: 'time', descending: true })
  const figures = new Figures(query, lookup)
  const unindexedOf = (): number => (asksForLaterKeys(query) ? walk.unindexed : 0)
  for (;;) {
    const reached = walk.bound
    if (reached !== undefined && (figures.count >= query.countMax || lookup.looks > storeLimits.surveyLooksMax))
      return { ...figures.result(), complete: false, reached, unindexed: unindexedOf() }
    const leaf = walk.nextLeaf()
    if (leaf === undefined) return { ...figures.result(), complete: true, reached: undefined, unindexed: unindexedOf() }
    figures.add(leaf)
  }
}

class Figures {
  count = 0
  readonly #query: SurveyQuery
  readonly #lookup: IndexLookup
  readonly #facets: Map<string, Map<string, number>>
  readonly #bins: SurveyBin[]

  constructor(query: SurveyQuery, lookup: IndexLookup) {
    this.#query = query
    this.#lookup = lookup
    this.#facets = new Map(query.facets.map((kind) => [kind, new Map()]))
    this.#bins = binsOf(query)
  }

  add({ range, n }: TreeNode): void {
    const entries = this.#lookup.entries(range.log, n, range.from, range.to, this.#query.conditions)
    if (entries.isEmpty) return
    const times = this.#lookup.times(range.log, n, Math.min(leafWidth, range.size - n * leafWidth))
    const selected = new OffsetSet()
    const offsets = entries.offsets().filter((offset) => isInTime(this.#query, times[offset]!))
    for (const offset of offsets) selected.add(offset)
    this.count += offsets.length
    if (offsets.length === 0) return
    for (const [kind, counts] of this.#facets)
      for (const { key, offsets: of } of this.#lookup.keysIn(range.log, n, { prefix: kind })) {
        const common = selected.common(new OffsetSet().addText(of))
        if (common > 0) counts.set(key, (counts.get(key) ?? 0) + common)
      }
    if (this.#bins.length > 0) this.#addToBins(range.log, n, offsets, times)
  }

  #addToBins(log: number, leaf: number, offsets: readonly number[], times: Float64Array): void {
    const outcome = (value: string): OffsetSet => this.#lookup.union(log, leaf, [{ key: searchKinds.outcome + value }])
    const [denied, failed] = [outcome('denied'), outcome('failure')]
    for (const offset of offsets) {
      const bin = this.#bins[binAt(this.#bins, times[offset]!)]!
      bin.count += 1
      if (denied.has(offset)) bin.denied += 1
      if (failed.has(offset)) bin.failed += 1
    }
  }

  result(): Pick<Survey, 'count' | 'facets' | 'bins'> {
    const facets = [...this.#facets].map(([kind, counts]) => {
      const keys = [...counts].map(([key, count]) => ({ key, count }))
      keys.sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1))
      return [kind, keys.slice(0, this.#query.facetKeysMax)] as const
    })
    return { count: this.count, facets: Object.fromEntries(facets), bins: this.#bins }
  }
}

/** The last that begins at or before the time. */
function binAt(bins: readonly SurveyBin[], time: number): number {
  let [low, high] = [0, bins.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (bins[middle]!.from <= time) low = middle
    else high = middle - 1
  }
  return low
}
