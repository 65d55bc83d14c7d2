/** Where a live stream begins, by what was asked for. */
import { AuditError } from '../../errors.ts'
import type { Opened } from '../../closing.ts'
import { filterNames, listRows, parseFilter, type Filter, type ListRequest } from '../../reader/index.ts'
import { comparePosition, formatFollowCursor, parseFollowCursor } from '../../reader/follow/position.ts'
import type { ListRow } from '../../store/search.ts'
import { httpLimits } from '../limits.ts'
import { filtersIn, parseCount, parseWord, readParameters } from '../parameters.ts'

export interface LiveRequest {
  filter: Filter
  /** The cursor of what was received last; nothing else matters then. */
  after: string | undefined
  from: 'now' | 'beginning'
  /** So many of the newest events first. */
  last: number
}

export interface Beginning {
  filter: Filter
  /** Behind this the stream goes on. */
  cursor: string
  /** What comes before that, oldest first. */
  rows: ListRow[]
}

const names = [...filterNames, 'after', 'from', 'last']

/**
 * @param lastEventId the header: what a browser that reconnects has seen, while its address still says where it began
 * @throws AuditError `usage`
 */
export function parseLiveQuery(
  queries: { readonly [name: string]: string[] },
  lastEventId: string | undefined,
  now: number,
): LiveRequest {
  const given = readParameters(queries, names)
  const { after, from = 'now', last = '0' } = given
  const parsed = {
    filter: parseFilter(filtersIn(given), now),
    after: lastEventId || after,
    from: parseWord('from', from, ['now', 'beginning'] as const),
    last: parseCount('last', last, { min: 0, max: httpLimits.liveLastMax }),
  }
  if (parsed.last > 0 && parsed.from === 'beginning')
    throw new AuditError('usage', 'A stream from the beginning has no last events to begin with.', {
      hint: 'leave from=beginning or last out',
    })
  return parsed
}

/** @throws AuditError `usage` for a cursor that is none, or of another tenant; `cursor_ahead` */
export async function findBeginning(opened: Opened, request: LiveRequest, now: number): Promise<Beginning> {
  const { followers, cursorKey } = opened
  const { filter, after, from, last } = request
  const { tenant } = filter
  const end = await followers.end(filter)
  if (after !== undefined) {
    const at = parseFollowCursor(after, tenant, cursorKey)
    if (comparePosition(at, parseFollowCursor(end, tenant, cursorKey)) > 0)
      throw new AuditError('cursor_ahead', 'The cursor stands beyond what this store has.', {
        hint: 'the store is older than the cursor: begin again without it, and find out why',
      })
    return { filter, cursor: after, rows: [] }
  }
  if (from === 'beginning') {
    const first = { row: tenant === undefined ? 1 : 0, index: 0 }
    return { filter, cursor: formatFollowCursor(tenant, first, cursorKey), rows: [] }
  }
  // The end was taken before the list is read: what comes in between is in both, and is left out there.
  const rows = await newestRows(opened, { filter, order: tenant === undefined ? 'time' : 'index', now }, last)
  return { filter, cursor: end, rows: rows.toReversed() }
}

/** Over pages of which one may end early, or be empty, where the search met its bound. */
async function newestRows(opened: Opened, request: ListRequest, count: number): Promise<ListRow[]> {
  const rows: ListRow[] = []
  let cursor: string | undefined
  for (let pages = 0; rows.length < count && pages < httpLimits.liveLastPagesMax; pages++) {
    const page = await listRows(opened, { ...request, limit: count - rows.length, cursor })
    rows.push(...page.rows)
    cursor = page.next
    if (cursor === undefined) break
  }
  return rows
}
