/** The search index as a driver with one keeps it, worked out when it is asked for: nothing is looked up in it here. */
import { compareKeys, metaTenant, microseconds } from '../../event/index.ts'
import { leafWidth, nodeWidth } from '../offsets.ts'
import type { IndexPlace, Posting, StoredNode } from '../search.ts'
import type { MemoryData, MemoryLog } from './data.ts'

export function storedNodes(log: MemoryLog | undefined, level: number, afterN: number, limit: number): StoredNode[] {
  const nodes: StoredNode[] = []
  for (let n = afterN + 1; n < countOf(log, level) && nodes.length < limit; n++) {
    let [earliest, latest] = [Infinity, -Infinity]
    for (const time of timesOf(log!, level, n)) {
      earliest = Math.min(earliest, time)
      latest = Math.max(latest, time)
    }
    nodes.push({ n, earliest, latest, top: Math.floor(n / nodeWidth) >= countOf(log, level + 1) })
  }
  return nodes
}

export function storedPostings(
  log: MemoryLog | undefined,
  level: number,
  n: number,
  afterKey: string,
  limit: number,
): Posting[] {
  if (n < 0 || n >= countOf(log, level)) return []
  const byKey = new Map<string, Set<number>>()
  const width = widthOf(level)
  const place = level === 0 ? 1 : widthOf(level - 1)
  log!.keys.slice(n * width, (n + 1) * width).forEach((keys, offset) => {
    for (const key of keys) {
      const members = byKey.get(key) ?? new Set()
      byKey.set(key, members.add(Math.floor(offset / place)))
    }
  })
  return [...byKey]
    .filter(([key]) => compareKeys(key, afterKey) > 0)
    .sort(([a], [b]) => compareKeys(a, b))
    .slice(0, limit)
    .map(([key, members]) => ({ key, members: [...members] }))
}

export function storedTimes(log: MemoryLog | undefined, leaf: number): Float64Array | undefined {
  if (log === undefined || (leaf + 1) * leafWidth > log.indexedSize || log.tenant === metaTenant) return undefined
  return Float64Array.from(timesOf(log, 0, leaf))
}

export function indexPlaces(data: MemoryData, after: IndexPlace | undefined, limit: number): IndexPlace[] {
  const places: IndexPlace[] = []
  for (const log of data.logs)
    for (let level = 0; countOf(log, level) > 0; level++)
      for (let n = 0; n < countOf(log, level); n++) places.push({ log: log.log, level, n })
  const isAfter = ({ log, level, n }: IndexPlace): boolean =>
    after === undefined || (log - after.log || level - after.level || n - after.n) > 0
  return places.filter(isAfter).slice(0, limit)
}

/** Leaves are there with their first entry, nodes above when their last one has its words. */
function countOf(log: MemoryLog | undefined, level: number): number {
  if (log === undefined || log.tenant === metaTenant) return 0
  return level === 0 ? Math.ceil(log.entries.length / leafWidth) : Math.floor(log.indexedSize / widthOf(level))
}

const widthOf = (level: number): number => leafWidth * nodeWidth ** level

const timesOf = (log: MemoryLog, level: number, n: number): number[] =>
  log.entries
    .slice(n * widthOf(level), (n + 1) * widthOf(level))
    .map(({ content }) => microseconds(content?.summary.occurredAt ?? ''))
