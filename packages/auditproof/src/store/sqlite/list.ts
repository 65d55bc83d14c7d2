/** Pages of summaries, found through the search index. Reads the narrow columns of `content` only. */
import { storeLimits } from '../limits.ts'
import { asksForLaterKeys, type ListPage, type ListPosition, type ListQuery, type ListRow } from '../search.ts'
import { IndexLookup, type All, type TimesCache } from './index-lookup.ts'
import { positionOf } from './place.ts'
import { summaryOfRow } from './summary-row.ts'
import { Walk } from './walk.ts'

export function listPage(query: ListQuery, all: All, times: TimesCache): ListPage {
  const { order, descending, after } = query
  const limit = Math.max(1, Math.min(query.limit, storeLimits.listRowsMax))
  const lookup = new IndexLookup(all, times)
  const walk = new Walk(lookup, all, { selection: query, order, descending, after })
  const begin = after ?? walk.bound
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
    const { bound } = walk
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
    const step = walk.step()
    if (step === undefined) break
    if (step !== 'opened') places.push(step)
  }
  const rows = places.flatMap((place) => readRow(place, all) ?? [])
  return { rows, next, unindexed: asksForLaterKeys(query) ? walk.unindexed : 0 }
}

export const rowStatement = `SELECT id, occurred_at, recorded_at, action, outcome, severity, actor, actor_name, target, target_name
     FROM content JOIN entry USING (position) WHERE position = ?`

function readRow({ at, log, index, tenant }: ListPosition & { tenant: string }, all: All): ListRow | undefined {
  const row = all(rowStatement, positionOf(log, index))[0]
  return row && { at, log, index, tenant, id: row['id'] as string, summary: summaryOfRow(row) }
}
