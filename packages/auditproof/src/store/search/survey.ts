/** Figures about what is selected, newest first: leaf by leaf, until the count is full or the search met its bound. */
import { searchKinds } from '../../event/index.ts'
import { storeLimits } from '../limits.ts'
import { leafWidth, OffsetSet } from '../offsets.ts'
import {
  asksForLaterKeys,
  binsOf,
  isInTime,
  mostFrequent,
  type Survey,
  type SurveyBin,
  type SurveyQuery,
} from '../search.ts'
import type { Asking } from '../asking.ts'
import { IndexLookup } from './lookup.ts'
import type { SearchRows } from './rows.ts'
import type { TimesCache } from './times-cache.ts'
import { Walk, type TreeNode } from './walk.ts'

export function* surveyOf(query: SurveyQuery, rows: SearchRows, times: TimesCache): Asking<Survey> {
  const lookup = new IndexLookup(rows, times)
  const walk = new Walk(lookup, rows, { selection: query, order: 'time', descending: true })
  const leaves: SelectedLeaf[] = []
  let count = 0
  let reached: number | undefined
  for (;;) {
    const bound = yield* walk.bound()
    if (bound !== undefined && (count >= query.countMax || lookup.looks > storeLimits.surveyLooksMax)) {
      reached = bound.at
      break
    }
    const node = yield* walk.nextLeaf()
    if (node === undefined) break
    const leaf = yield* selectedIn(node, query, lookup)
    if (leaf === undefined) continue
    leaves.push(leaf)
    count += leaf.offsets.length
    lookup.looks += query.facets.length + (query.bins === undefined ? 0 : 2) // which are made at the end
  }
  return {
    ...(yield* figuresOf(leaves, reached, query, lookup)),
    unindexed: asksForLaterKeys(query) ? walk.unindexed : 0,
  }
}

/** The entries of one leaf that are selected. */
interface SelectedLeaf {
  log: number
  n: number
  offsets: number[]
  times: Float64Array
}

function* selectedIn(
  { range, n }: TreeNode,
  query: SurveyQuery,
  lookup: IndexLookup,
): Asking<SelectedLeaf | undefined> {
  const entries = yield* lookup.entries(range.log, n, range.from, range.to, query.conditions)
  if (entries.isEmpty) return undefined
  const times = yield* lookup.times(range.log, n, Math.min(leafWidth, range.size - n * leafWidth))
  const offsets = entries.offsets().filter((offset) => isInTime(query, times[offset]!))
  return offsets.length === 0 ? undefined : { log: range.log, n, offsets, times }
}

/** Leaves reach back beyond the place where the search stopped: what happened before is left out. */
function* figuresOf(
  leaves: readonly SelectedLeaf[],
  reached: number | undefined,
  query: SurveyQuery,
  lookup: IndexLookup,
): Asking<Omit<Survey, 'unindexed'>> {
  const facets = new Map(query.facets.map((kind) => [kind, new Map<string, number>()]))
  const bins = binsOf(query)
  let count = 0
  for (const leaf of leaves) {
    const offsets =
      reached === undefined ? leaf.offsets : leaf.offsets.filter((offset) => leaf.times[offset]! >= reached)
    if (offsets.length === 0) continue
    count += offsets.length
    yield* addFacets(facets, leaf, offsets, lookup)
    if (bins.length > 0) yield* addToBins(bins, leaf, offsets, lookup)
  }
  return {
    count,
    complete: reached === undefined,
    reached,
    facets: Object.fromEntries([...facets].map(([kind, counts]) => [kind, mostFrequent(counts, query.facetKeysMax)])),
    bins,
  }
}

function* addFacets(
  facets: ReadonlyMap<string, Map<string, number>>,
  { log, n }: SelectedLeaf,
  offsets: readonly number[],
  lookup: IndexLookup,
): Asking<void> {
  const selected = new OffsetSet()
  for (const offset of offsets) selected.add(offset)
  for (const [kind, counts] of facets)
    for (const { key, offsets: of } of yield* lookup.keysIn(log, n, [{ prefix: kind }])) {
      const common = selected.common(new OffsetSet().addText(of))
      if (common > 0) counts.set(key, (counts.get(key) ?? 0) + common)
    }
}

function* addToBins(
  bins: readonly SurveyBin[],
  { log, n, times }: SelectedLeaf,
  offsets: readonly number[],
  lookup: IndexLookup,
): Asking<void> {
  const outcome = (value: string): Asking<OffsetSet> => lookup.union(log, n, [{ key: searchKinds.outcome + value }])
  const [denied, failed] = [yield* outcome('denied'), yield* outcome('failure')]
  for (const offset of offsets) {
    const bin = bins[binAt(bins, times[offset]!)]!
    bin.count += 1
    if (denied.has(offset)) bin.denied += 1
    if (failed.has(offset)) bin.failed += 1
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
