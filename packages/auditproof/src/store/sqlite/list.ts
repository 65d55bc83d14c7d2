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
  const begin = after?.at ?? walk.bound
  const places: (ListPosition & { tenant: string })[] = []
  let next: ListPosition | undefined
  for (;;) {
    if (places.length === limit) {
      const { at, log, index } = places.at(-1)!
      next = { at, log, index }
      break
    }
    // A search without an end stops, but never where it began: the next page would begin there again.
    const { bound } = walk
    if (
      lookup.looks > storeLimits.listLooksMax &&
      bound !== undefined &&
      bound !== begin &&
      bound !== places.at(-1)?.at
    ) {
      next = descending ? { at: bound, log: afterAll, index: afterAll } : { at: bound, log: -1, index: -1 }
      break
    }
    const step = walk.step()
    if (step === undefined) break
    if (step !== 'opened') places.push(step)
  }
  const rows = places.flatMap((place) => readRow(place, all) ?? [])
  return { rows, next, unindexed: asksForLaterKeys(query) ? walk.unindexed : 0 }
}

/** Stands behind every log and index at its place, so that descending all of them come after it. */
const afterAll = Number.MAX_SAFE_INTEGER

export const rowStatement = `SELECT id, occurred_at, recorded_at, action, outcome, severity, actor, actor_name, target, target_name
     FROM content JOIN entry USING (position) WHERE position = ?`

function readRow({ at, log, index, tenant }: ListPosition & { tenant: string }, all: All): ListRow | undefined {
  const row = all(rowStatement, positionOf(log, index))[0]
  return row && { at, log, index, tenant, id: row['id'] as string, summary: summaryOfRow(row) }
}
