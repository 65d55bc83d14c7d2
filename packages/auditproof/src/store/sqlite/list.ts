/** Pages of summaries, newest index first. Reads the narrow columns of `content` only. */
import { sortableTime } from '../../event/index.ts'
import { storeLimits } from '../limits.ts'
import type { ListPage, ListPosition, ListQuery, ListRow } from '../store.ts'
import { indexOf, logOf, positionOf } from './place.ts'
import { summaryOfRow } from './summary-row.ts'

type Value = string | number
type All = (sql: string, ...values: Value[]) => Record<string, unknown>[]

export function listPage(query: ListQuery, all: All): ListPage {
  const limit = Math.max(1, Math.min(query.limit, storeLimits.listRowsMax))
  return query.tenant === undefined ? overAllTenants(query, limit, all) : ofOneTenant(query, query.tenant, limit, all)
}

function ofOneTenant(query: ListQuery, tenant: string, limit: number, all: All): ListPage {
  const [head] = all('SELECT log.log, size FROM log JOIN head USING (log) WHERE tenant = ?', tenant) as {
    log: number
    size: number
  }[]
  if (head === undefined) return { rows: [], next: undefined }
  const to = Math.min(query.before?.index ?? head.size, head.size)
  // A filter that matches nothing must not read the whole log: the scan has a bound, and hands out where it stopped.
  const from = Math.max(0, to - storeLimits.listScanMax)
  const rows = rowsOf(query, tenant, positionOf(head.log, from), positionOf(head.log, to), limit, all)
  if (rows.length === limit) return { rows, next: positionOfRow(rows.at(-1)!) }
  return { rows, next: from === 0 ? undefined : { recordedAt: '', log: head.log, index: from } }
}

/**
 * Merged by recordedAt, which never goes back within a log. Logs are taken by their newest entry, and none is looked
 * at whose newest entry comes after the page in the order of the list.
 */
function overAllTenants(query: ListQuery, limit: number, all: All): ListPage {
  const heads = all(
    `SELECT log.log, tenant, size, recorded_at FROM log JOIN head USING (log)
     WHERE tenant NOT IN ('_meta', '_system') ORDER BY recorded_at DESC, log.log DESC`,
  ) as { log: number; tenant: string; size: number; recorded_at: string }[]
  let page: ListRow[] = []
  for (const { log, tenant, size, recorded_at } of heads) {
    if (page.length === limit && sortableTime(recorded_at) < page[limit - 1]!.recordedAt) break
    const rows = rowsOf(query, tenant, positionOf(log, 0), positionOf(log, size), limit, all)
    page = [...page, ...rows].sort(newestFirst).slice(0, limit)
  }
  return { rows: page, next: page.length === limit ? positionOfRow(page.at(-1)!) : undefined }
}

function rowsOf(query: ListQuery, tenant: string, from: number, to: number, limit: number, all: All): ListRow[] {
  const { conditions, values } = conditionsOf(query)
  const rows = all(
    `SELECT position, id, occurred_at, recorded_at, action, outcome, severity, actor, actor_name, target, target_name
     FROM content JOIN entry USING (position) WHERE position >= ? AND position < ? ${conditions}
     ORDER BY position DESC LIMIT ?`,
    from,
    to,
    ...values,
    limit,
  )
  return rows.map((row) => ({
    tenant,
    log: logOf(row['position'] as number),
    index: indexOf(row['position'] as number),
    id: row['id'] as string,
    recordedAt: row['recorded_at'] as string,
    summary: summaryOfRow(row),
  }))
}

function conditionsOf(query: ListQuery): { conditions: string; values: Value[] } {
  const conditions: string[] = []
  const values: Value[] = []
  const where = (condition: string, ...bound: Value[]): void => {
    conditions.push(`AND ${condition}`)
    values.push(...bound)
  }
  const matches = (column: 'action' | 'actor' | 'target', wanted: string | undefined): void => {
    if (wanted === undefined) return
    if (!wanted.endsWith('*')) return where(`${column} = ?`, wanted)
    const prefix = wanted.slice(0, -1)
    where(`substr(${column}, 1, length(?)) = ?`, prefix, prefix) // counted as SQLite counts
  }
  matches('action', query.action)
  matches('actor', query.actor)
  matches('target', query.target)
  if (query.outcome !== undefined) where('outcome = ?', query.outcome)
  if (query.since !== undefined) where('occurred_at >= ?', sortableTime(query.since))
  if (query.until !== undefined) where('occurred_at < ?', sortableTime(query.until))
  if (query.before !== undefined && query.tenant === undefined) {
    const { recordedAt, log, index } = query.before
    where('(recorded_at, position) < (?, ?)', recordedAt, positionOf(log, index))
  }
  return { conditions: conditions.join(' '), values }
}

const positionOfRow = ({ recordedAt, log, index }: ListRow): ListPosition => ({ recordedAt, log, index })

export const newestFirst = (a: ListPosition, b: ListPosition): number =>
  a.recordedAt === b.recordedAt ? b.log - a.log || b.index - a.index : a.recordedAt < b.recordedAt ? 1 : -1
