/** Pages of events. */
import { AuditError } from '../errors.ts'
import { formatQuery, parseQuery } from '../query/index.ts'
import type { ListQuery, ListRow } from '../store/search.ts'
import type { Store } from '../store/store.ts'
import { formatCursor, parseCursor, type Cursor } from './cursor.ts'
import { openEvent, type ReadEvent } from './event.ts'
import type { Filter } from './filter.ts'
import { listLimits } from './limits.ts'
import { hasPhrase } from './phrase.ts'
import { phrasesOf, selectionOf } from './selection.ts'

/** The store that is read, and the secret that cursors are signed with. */
export interface Source {
  readonly store: Store
  readonly cursorKey: Uint8Array
}

export interface ListRequest {
  filter: Filter
  /** By when it happened, or, of one tenant, by index. Default `time`. */
  order?: 'time' | 'index' | undefined
  /** Newest first, unless false. */
  descending?: boolean | undefined
  /** Clamped to 1 … `pageEventsMax`. */
  limit?: number | undefined
  /** The `next` of the page before; what is asked for must be the same, or nothing but the tenant. */
  cursor?: string | undefined
  /** Milliseconds since 1970, where relative times count from; a cursor brings its own. */
  now?: number | undefined
}

interface PageEnd {
  /** Set while more may follow, also where a page has fewer rows than asked for, or none. */
  next?: string
  /** Entries that are not yet found by words and changed fields, where those were asked for. */
  unindexed?: number
}

export interface RowPage extends PageEnd {
  rows: ListRow[]
}

export interface EventPage extends PageEnd {
  events: ReadEvent[]
}

/** What lists show: reads no wide column, unless a phrase is looked for. @throws AuditError `usage`, `cursor_ahead` */
export async function listRows(source: Source, request: ListRequest): Promise<RowPage> {
  const { rows, ...end } = await listPage(source, request)
  return { rows: rows.map(({ row }) => row), ...end }
}

/** Whole events, for programs. @throws AuditError `usage`, `cursor_ahead` */
export async function listEvents(source: Source, request: ListRequest): Promise<EventPage> {
  const { rows, ...end } = await listPage(source, request)
  const missing = rows.filter(({ event }) => event === undefined).map(({ row }) => row)
  const read = missing.length === 0 ? new Map() : await readRows(source.store, missing)
  return { events: rows.flatMap(({ row, event }) => event ?? read.get(row) ?? []), ...end }
}

async function listPage(source: Source, request: ListRequest): Promise<PageEnd & { rows: Found[] }> {
  const limit = Math.max(1, Math.min(Math.floor(request.limit ?? listLimits.pageEvents), listLimits.pageEventsMax))
  const list =
    request.cursor === undefined ? await begin(source.store, request) : await goOn(source, request, request.cursor)
  const { query, now, after, ...rest } = list
  const parsed = parseQuery(query)
  const selection = { ...selectionOf(parsed, now), ...rest }
  const { found, next, unindexed } = await search(
    source.store,
    { ...selection, limit, ...(after && { after }) },
    phrasesOf(parsed),
  )
  return {
    rows: found,
    ...(next && { next: formatCursor({ query, now, ...rest, after: next }, source.cursorKey) }),
    ...(unindexed > 0 && { unindexed }),
  }
}

type List = Omit<Cursor, 'after'> & Partial<Pick<Cursor, 'after'>>

async function begin(
  store: Store,
  { filter, order = 'time', descending = true, now = Date.now() }: ListRequest,
): Promise<List> {
  const { query, tenant } = filter
  if (order === 'index' && tenant === undefined)
    throw new AuditError('usage', 'Events of several tenants have no common index.', {
      hint: 'name one tenant, or order by time',
    })
  // What is recorded from now on is no part of the list: its pages together are what was there.
  const below = tenant === undefined ? undefined : ((await store.headOf(tenant))?.size ?? 0)
  return {
    query: formatQuery(query),
    ...(tenant !== undefined && { tenant }),
    order,
    descending,
    now,
    ...(below !== undefined && { below }),
  }
}

/** @throws AuditError `usage` for a cursor of another list; `cursor_ahead` for one of a store that had more */
async function goOn(
  { store, cursorKey }: Source,
  { filter, order, descending }: ListRequest,
  text: string,
): Promise<Cursor> {
  const cursor = parseCursor(text, cursorKey)
  const given = formatQuery(filter.query)
  const differs =
    (filter.tenant !== cursor.tenant && 'tenant') ||
    (given !== '' && given !== cursor.query && 'query') ||
    (order !== undefined && order !== cursor.order && 'order') ||
    (descending !== undefined && descending !== cursor.descending && 'direction')
  if (differs)
    throw new AuditError('usage', `The cursor belongs to a list with another ${differs}.`, {
      hint: 'begin the new list without a cursor',
    })
  if (cursor.tenant !== undefined && cursor.below !== undefined) {
    const size = (await store.headOf(cursor.tenant))?.size ?? 0
    if (cursor.below > size)
      throw new AuditError('cursor_ahead', `The cursor is of a log of ${cursor.below} entries; this one has ${size}.`, {
        hint: 'the store is older than the cursor: begin again without it, and find out why',
      })
  }
  return cursor
}

interface Found {
  row: ListRow
  /** Read already, where the row alone did not tell whether it is meant. */
  event?: ReadEvent | undefined
}

/** Pages until there is one that is full, where a phrase decides which rows stay. */
async function search(
  store: Store,
  query: ListQuery,
  phrases: ReturnType<typeof phrasesOf>,
): Promise<{ found: Found[]; next: ListQuery['after']; unindexed: number }> {
  if (phrases.length === 0) {
    const { rows, next, unindexed } = await store.list(query)
    return { found: rows.map((row) => ({ row })), next, unindexed }
  }
  const found: Found[] = []
  let { after } = query
  for (let page = 1; ; page++) {
    const { rows, next, unindexed } = await store.list({
      ...query,
      limit: query.limit - found.length,
      ...(after && { after }),
    })
    const events = await readRows(store, rows)
    for (const row of rows) {
      const event = events.get(row)
      if (event !== undefined && phrases.every((phrase) => hasPhrase(event, phrase))) found.push({ row, event })
    }
    if (next === undefined || found.length === query.limit || page === listLimits.phrasePagesMax)
      return { found, next, unindexed }
    after = next
  }
}

/** Neighbours in a log are read together; reads wait for the store, so several are under way at once. */
async function readRows(store: Store, rows: readonly ListRow[]): Promise<Map<ListRow, ReadEvent>> {
  const origins = new Map<number, Promise<string>>()
  const originOf = ({ log, tenant }: ListRow): Promise<string> => {
    const known = origins.get(log) ?? store.headOf(tenant).then((head) => head?.origin ?? '')
    origins.set(log, known)
    return known
  }
  const events = new Map<ListRow, ReadEvent>()
  const read = async (run: readonly ListRow[]): Promise<void> => {
    const { log, tenant } = run[0]!
    const [origin, stored] = await Promise.all([
      originOf(run[0]!),
      store.entries(log, run[0]!.index, run.at(-1)!.index + 1),
    ])
    const byIndex = new Map(stored.map((entry) => [entry.index, entry]))
    for (const row of run) {
      const entry = byIndex.get(row.index)
      if (entry !== undefined) events.set(row, openEvent(entry, { tenant, origin }))
    }
  }
  const runs = neighbours(rows)
  for (let i = 0; i < runs.length; i += listLimits.readsAtOnce)
    await Promise.all(runs.slice(i, i + listLimits.readsAtOnce).map(read))
  return events
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
