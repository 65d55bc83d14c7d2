/** Figures about a list: how many, of what, when. */
import { microseconds, formatTime, nameMark, searchKinds, typeMark, commonOutcome } from '../event/index.ts'
import { parseWhen } from '../query/index.ts'
import type { FacetKey, SurveyBin } from '../store/search.ts'
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
  /** Bars of a histogram; the filter then needs a beginning: without one it is the last 24 hours. */
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
  const ends =
    bins === 0
      ? {}
      : {
          since: selection.since ?? microseconds(parseWhen('24h', now)),
          until: selection.until ?? microseconds(parseWhen('now', now)) + 1,
        }
  const found = await store.survey({
    ...selection,
    ...ends,
    countMax,
    facets: facets.map((name) => searchKinds[name]),
    // Keys of one value, such as an actor's name and id, are told apart and left out here.
    facetKeysMax: surveyLimits.facetValuesMax * 4,
    bins: Math.min(bins, surveyLimits.binsMax),
  })
  return {
    count: found.count,
    complete: found.complete,
    ...(found.reached !== undefined && { reached: timeOf(found.reached) }),
    facets: Object.fromEntries(
      facets.map((name) => [name, facetValues(name, found.facets[searchKinds[name]] ?? [], found.count)]),
    ),
    histogram: found.bins.map(({ from, ...counts }: SurveyBin) => ({ from: timeOf(from), ...counts })),
    ...(found.unindexed > 0 && { unindexed: found.unindexed }),
  }
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
