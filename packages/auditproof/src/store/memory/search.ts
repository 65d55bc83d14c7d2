/** Searching without an index: every event is looked at. What drivers with one find must be the same. */
import {
  decodeEntry, laterSearchKeys, metaTenant, microseconds, openDisclosures, searchKinds, systemTenant,
} from '../../event/index.ts' // prettier-ignore
import { storeLimits } from '../limits.ts'
import {
  asksForLaterKeys, binsOf, comparePositions, isInTime, meets, mostFrequent, type ListPage, type ListQuery, type ListRow,
  type Selection, type Survey, type SurveyQuery,
} from '../search.ts' // prettier-ignore
import type { MemoryData, MemoryLog } from './data.ts'

export function listPage(data: MemoryData, query: ListQuery): ListPage {
  const { order, descending, after } = query
  const limit = Math.max(1, Math.min(query.limit, storeLimits.listRowsMax))
  const sign = descending ? -1 : 1
  const found = selected(data, query)
    .map(({ log, index, time }) => ({ log, index, at: order === 'time' ? time : index }))
    .map(({ log, index, at }) => ({ log, place: { at, log: log.log, index } }))
    .filter(({ place }) => after === undefined || sign * comparePositions(place, after) > 0)
    .sort((a, b) => sign * comparePositions(a.place, b.place))
  const rows = found.slice(0, limit).map(({ log, place }): ListRow => {
    const { id, content } = log.entries[place.index]!
    return { ...place, tenant: log.tenant, id, summary: { ...content!.summary } }
  })
  const last = found.length > limit ? rows.at(-1) : undefined
  const next = last && { at: last.at, log: last.log, index: last.index }
  return { rows, next, unindexed: unindexedOf(data, query) }
}

export function surveyOf(data: MemoryData, query: SurveyQuery): Survey {
  const found = selected(data, query)
  const bins = binsOf(query)
  const facets = new Map(query.facets.map((kind) => [kind, new Map<string, number>()]))
  for (const { log, index, time } of found) {
    const keys = log.keys[index]!
    for (const key of keys) {
      const counts = facets.get(key[0]!)
      counts?.set(key, (counts.get(key) ?? 0) + 1)
    }
    const bin = bins.findLast(({ from }) => from <= time)
    if (bin === undefined) continue
    bin.count += 1
    if (keys.has(`${searchKinds.outcome}denied`)) bin.denied += 1
    if (keys.has(`${searchKinds.outcome}failure`)) bin.failed += 1
  }
  return {
    count: found.length,
    complete: true,
    reached: undefined,
    facets: Object.fromEntries([...facets].map(([kind, counts]) => [kind, mostFrequent(counts, query.facetKeysMax)])),
    bins,
    unindexed: unindexedOf(data, query),
  }
}

/** The next piece, and how many entries wait after it. */
export function planIndex(data: MemoryData): { waiting: number; apply: () => void } {
  const log = data.logs.find(({ indexedSize, entries }) => indexedSize < entries.length)
  if (log === undefined) return { waiting: 0, apply: () => {} }
  const to = Math.min(log.entries.length, log.indexedSize + storeLimits.indexEntriesMax)
  const all = data.logs.reduce((sum, { entries, indexedSize }) => sum + entries.length - indexedSize, 0)
  const apply = (): void => {
    for (; log.indexedSize < to; log.indexedSize++) {
      const { entry, content } = log.entries[log.indexedSize]!
      const clear = decodeEntry(entry)
      const { values } = openDisclosures(clear.digests, content!.disclosures)
      for (const key of laterSearchKeys(clear, values)) log.keys[log.indexedSize]!.add(key)
    }
  }
  return { waiting: all - (to - log.indexedSize), apply }
}

const timeOf = ({ content }: MemoryLog['entries'][number]): number =>
  content === undefined ? Number.NaN : microseconds(content.summary.occurredAt ?? '')

function logsOf(data: MemoryData, tenant: string | undefined): MemoryLog[] {
  if (tenant !== undefined) return data.logs.filter((log) => log.tenant === tenant)
  return data.logs.filter((log) => log.tenant !== metaTenant && log.tenant !== systemTenant)
}

function selected(data: MemoryData, selection: Selection): { log: MemoryLog; index: number; time: number }[] {
  const { tenant, conditions, sealed, below = Infinity } = selection
  return logsOf(data, tenant).flatMap((log) =>
    log.entries.flatMap((stored, index) => {
      if (stored.content === undefined) return []
      const time = timeOf(stored)
      const isSealed = index < (log.published?.size ?? 0)
      const fits = isInTime(selection, time) && index < below && (sealed === undefined || sealed === isSealed)
      return fits && meets(log.keys[index]!, conditions) ? [{ log, index, time }] : []
    }),
  )
}

const unindexedOf = (data: MemoryData, selection: Selection): number =>
  asksForLaterKeys(selection)
    ? logsOf(data, selection.tenant).reduce((sum, log) => sum + log.entries.length - log.indexedSize, 0)
    : 0
