/** Pages of events, newest first. */
import { AuditError } from '../errors.ts'
import type { ListRow, Store } from '../store/store.ts'
import { formatCursor, parseCursor } from './cursor.ts'
import { openEvent, type ReadEvent } from './event.ts'
import type { Filter } from './filter.ts'

/** Limits of lists, with their units. */
export const listLimits = {
  /** Events of one page when nothing else is asked for. */
  pageEvents: 50,
  pageEventsMax: 1_000,
} as const

export interface ListRequest {
  filter: Filter
  /** Clamped to 1 … `pageEventsMax`. */
  limit?: number | undefined
  /** The `next` of the page before; the filter must be the same, or empty. */
  cursor?: string | undefined
}

export interface RowPage {
  rows: ListRow[]
  /** Set while older events may follow, also where a page has fewer rows than asked for, or none. */
  next?: string
}

/** What lists show: reads no wide column. @throws AuditError `usage`, `cursor_ahead` */
export async function listRows(store: Store, request: ListRequest): Promise<RowPage> {
  const limit = Math.max(1, Math.min(Math.floor(request.limit ?? listLimits.pageEvents), listLimits.pageEventsMax))
  const cursor = request.cursor === undefined ? undefined : parseCursor(request.cursor)
  const filter = cursor === undefined ? request.filter : sameFilter(request.filter, cursor.filter)
  if (cursor !== undefined && filter.tenant !== undefined) {
    const size = (await store.headOf(filter.tenant))?.size ?? 0
    if (cursor.before.index > size)
      throw new AuditError(
        'cursor_ahead',
        `The cursor stands at ${cursor.before.index}, but the log has ${size} entries.`,
        {
          hint: 'the store is older than the cursor: begin again without it, and find out why',
        },
      )
  }
  const { rows, next } = await store.list({ ...filter, limit, ...(cursor && { before: cursor.before }) })
  return { rows, ...(next && { next: formatCursor(filter, next) }) }
}

/** Whole events, for programs. @throws AuditError `usage`, `cursor_ahead` */
export async function listEvents(store: Store, request: ListRequest): Promise<{ events: ReadEvent[]; next?: string }> {
  const { rows, ...rest } = await listRows(store, request)
  return { events: await readRows(store, rows), ...rest }
}

function sameFilter(given: Filter, ofCursor: Filter): Filter {
  const names = Object.keys(given) as (keyof Filter)[]
  // Times said relative to now have moved on since the first page; the cursor's are the ones that hold.
  const differs = names.find((name) => name !== 'since' && name !== 'until' && given[name] !== ofCursor[name])
  if (differs !== undefined)
    throw new AuditError('usage', `The cursor belongs to a list with another ${differs}.`, {
      hint: 'begin the new list without a cursor',
    })
  return ofCursor
}

/** Neighbours in a log are read together. */
async function readRows(store: Store, rows: readonly ListRow[]): Promise<ReadEvent[]> {
  const origins = new Map<number, string>()
  const events = new Map<ListRow, ReadEvent>()
  for (const run of neighbours(rows)) {
    const { log, tenant } = run[0]!
    if (!origins.has(log)) origins.set(log, (await store.headOf(tenant))?.origin ?? '')
    const indexes = run.map(({ index }) => index)
    const stored = await store.entries(log, Math.min(...indexes), Math.max(...indexes) + 1)
    const byIndex = new Map(stored.map((entry) => [entry.index, entry]))
    for (const row of run) {
      const entry = byIndex.get(row.index)
      if (entry !== undefined) events.set(row, openEvent(entry, { tenant, origin: origins.get(log)! }))
    }
  }
  return rows.flatMap((row) => events.get(row) ?? [])
}

/** Runs of rows of one log whose indexes lie side by side. */
function neighbours(rows: readonly ListRow[]): ListRow[][] {
  const byPlace = [...rows].sort((a, b) => a.log - b.log || a.index - b.index)
  const runs: ListRow[][] = []
  for (const row of byPlace) {
    const last = runs.at(-1)?.at(-1)
    if (last !== undefined && last.log === row.log && row.index === last.index + 1) runs.at(-1)!.push(row)
    else runs.push([row])
  }
  return runs
}
