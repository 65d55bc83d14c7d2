/** Figures about a list: how many, of what, when. */
import { formatTime, nameMark, searchKinds, typeMark, commonOutcome } from '../event/index.ts'
import type { FacetKey, Selection, SurveyBin, SurveyQuery } from '../store/search.ts'
import type { Store } from '../store/store.ts'
import type { Filter } from './filter.ts'
import { surveyLimits } from './limits.ts'
import { selectionOf } from './selection.ts'

export type FacetName = 'action' | 'actor' | 'target' | 'outcome'

export interface SurveyRequest {
  filter: Filter
  /** Counted up to here at least; default `countMax`. */
  countMax?: number
  facets?: readonly FacetName[]
  /** Bars of a histogram from the beginning that the filter has, to its end or now; without a beginning there are none. */
  bins?: number
  /** Milliseconds since 1970. */
  now?: number
}

export interface SurveyReport {
  count: number
  /** False: there are more, and all figures are of events since `reached`. */
  complete: boolean
  /** RFC 3339. */
  reached?: string
  facets: { [name in FacetName]?: { value: string; count: number }[] }
  histogram: { from: string; count: number; denied: number; failed: number }[]
  unindexed?: number
}

export async function survey(store: Store, request: SurveyRequest): Promise<SurveyReport> {
  const { filter, facets = [], bins = 0, now = Date.now(), countMax = surveyLimits.countMax } = request
  const selection = { ...selectionOf(filter.query, now), ...(filter.tenant !== undefined && { tenant: filter.tenant }) }
  const figures = {
    countMax,
    facets: facets.map((name) => searchKinds[name]),
    // Keys of one value, such as an actor's name and id, are told apart and left out here.
    facetKeysMax: surveyLimits.facetValuesMax * 4,
  }
  const bars = barsOf(selection, bins, now)
  // What claims to be of later than now lies behind the bars, but is counted all the same.
  const isApart = bars !== undefined && selection.until === undefined && (await hasAny(store, selection, bars.until))
  const found = await store.survey({ ...selection, ...figures, ...(!isApart && bars) })
  const histogram = isApart ? (await store.survey({ ...selection, ...figures, facets: [], ...bars })).bins : found.bins
  return {
    count: found.count,
    complete: found.complete,
    ...(found.reached !== undefined && { reached: timeOf(found.reached) }),
    facets: Object.fromEntries(
      facets.map((name) => [name, facetValues(name, found.facets[searchKinds[name]] ?? [], found.count)]),
    ),
    histogram: histogram.map(({ from, ...counts }: SurveyBin) => ({ from: timeOf(from), ...counts })),
    ...(found.unindexed > 0 && { unindexed: found.unindexed }),
  }
}

/** Empty bars help nobody: where no beginning is asked for, all of time would mostly be that. */
function barsOf(
  { since, until }: Selection,
  bins: number,
  now: number,
): Required<Pick<SurveyQuery, 'since' | 'until' | 'bins'>> | undefined {
  const end = until ?? now * 1000 + 1
  if (bins === 0 || since === undefined || since >= end) return undefined
  return { since, until: end, bins: Math.min(bins, surveyLimits.binsMax) }
}

async function hasAny(store: Store, selection: Selection, since: number): Promise<boolean> {
  const { rows, next } = await store.list({ ...selection, since, order: 'time', descending: true, limit: 1 })
  return rows.length > 0 || next !== undefined
}

/** Values as a query takes them: whole references and actions, not their beginnings and names. */
function facetValues(name: FacetName, keys: readonly FacetKey[], count: number): { value: string; count: number }[] {
  const values = keys.flatMap(({ key, count: n }) => {
    const text = key.slice(1)
    if (name === 'action') return text.endsWith('*') ? [] : [{ value: text, count: n }]
    if (name === 'outcome') return [{ value: text, count: n }]
    const [id, type] = text.split(typeMark)
    if (type === undefined || text.startsWith(nameMark)) return []
    if (id === '') return type === 'anonymous' ? [{ value: type, count: n }] : []
    return [{ value: `${type}/${id}`, count: n }]
  })
  if (name === 'outcome') {
    const others = values.reduce((sum, value) => sum + value.count, 0)
    if (count > others) values.unshift({ value: commonOutcome, count: count - others })
  }
  return values.toSorted((a, b) => b.count - a.count).slice(0, surveyLimits.facetValuesMax)
}

const timeOf = (us: number): string => formatTime(Math.floor(us / 1000)) ?? '9999-12-31T23:59:59Z'
