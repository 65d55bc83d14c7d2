/** Pages of summaries, found through the search index. */
import { storeLimits } from '../limits.ts'
import { asksForLaterKeys, type ListPage, type ListPosition, type ListQuery, type ListRow } from '../search.ts'
import { answerOf, type Asking } from '../asking.ts'
import { IndexLookup } from './lookup.ts'
import type { SearchRows } from './rows.ts'
import type { TimesCache } from './times-cache.ts'
import { Walk } from './walk.ts'

export function* listPage(query: ListQuery, source: SearchRows, times: TimesCache): Asking<ListPage> {
  const { order, descending, after } = query
  const limit = Math.max(1, Math.min(query.limit, storeLimits.listRowsMax))
  const lookup = new IndexLookup(source, times)
  const walk = new Walk(lookup, source, { selection: query, order, descending, after })
  const begin = after ?? (yield* walk.bound())
  const places: (ListPosition & { tenant: string })[] = []
  let next: ListPosition | undefined
  // What reaches over the place where the page begins has to be opened anew: only what comes behind it is counted.
  let looksBefore: number | undefined
  for (;;) {
    if (places.length === limit) {
      const { at, log, index } = places.at(-1)!
      next = { at, log, index }
      break
    }
    const bound = yield* walk.bound()
    if (bound !== undefined && walk.compare(bound, begin!) > 0) {
      looksBefore ??= lookup.looks
      // Right before what is left: a place where there may be no entry.
      const place = { at: bound.at, log: bound.log, index: bound.index + (descending ? 1 : -1) }
      const isBehind = after === undefined || walk.compare(place, after) > 0
      // At least as much again as was opened anew: else many pages would do the same over and over.
      const looksMax = Math.max(storeLimits.listLooksMax, looksBefore)
      if (isBehind && lookup.looks - looksBefore > looksMax) {
        next = place
        break
      }
    }
    const step = yield* walk.step()
    if (step === undefined) break
    if (step !== 'opened') places.push(step)
  }
  const rows = yield* rowsAt(places, source)
  return { rows, next, unindexed: asksForLaterKeys(query) ? walk.unindexed : 0 }
}

function* rowsAt(places: readonly (ListPosition & { tenant: string })[], source: SearchRows): Asking<ListRow[]> {
  if (places.length === 0) return []
  const found = yield* answerOf(source.summaries(places))
  const byPlace = new Map(found.map((row) => [`${row.log}/${row.index}`, row]))
  return places.flatMap(({ at, log, index, tenant }) => {
    const row = byPlace.get(`${log}/${index}`)
    return row === undefined ? [] : [{ at, log, index, tenant, id: row.id, summary: row.summary }]
  })
}
