/** The rows of the search index as they are stored, for checking them: what cannot be read is given as such. */
import { leafWidth } from '../offsets.ts'
import { membersOf } from '../posting-members.ts'
import type { Posting, StoredNode } from '../search.ts'
import type { All } from './search-rows.ts'
import { positionOf } from './place.ts'

export function storedNodes(all: All, log: number, level: number, afterN: number, limit: number): StoredNode[] {
  const sql = 'SELECT n, earliest, latest, top FROM node WHERE log = ? AND level = ? AND n > ? ORDER BY n LIMIT ?'
  const rows = all(sql, log, level, afterN, limit) as unknown as (StoredNode & { top: unknown })[]
  return rows.map(({ n, earliest, latest, top }) => ({ n, earliest, latest, top: (top as unknown) === 1 }))
}

export function storedPostings(
  all: All,
  log: number,
  level: number,
  n: number,
  afterKey: string,
  limit: number,
): Posting[] {
  const [table, column] = level === 0 ? ['posting', 'offsets'] : ['carried', 'children']
  const [node, place] = level === 0 ? ['leaf = ?', [n]] : ['level = ? AND n = ?', [level, n]]
  const where = `FROM ${table} WHERE log = ? AND ${node} AND key`
  const rows = all(`SELECT key, ${column} AS members ${where} > ? ORDER BY key LIMIT ?`, log, ...place, afterKey, limit)
  return rows.map((row) => {
    const key = row['key'] as string
    // Bytes that are no UTF-8 become U+FFFD here, and look like another key: then none of that name is there.
    const isRead = !key.includes('\ufffd') || all(`SELECT 1 ${where} = ?`, log, ...place, key).length === 1
    return { key, members: isRead ? membersOf(row['members'] as string | number) : [] }
  })
}

export function storedTimes(all: All, log: number, leaf: number): Float64Array | undefined {
  const times = all('SELECT times FROM leaf_times WHERE position = ?', positionOf(log, leaf * leafWidth))[0]?.['times']
  // Bytes that are no whole number of doubles are times all the same, and wrong ones.
  return times instanceof Uint8Array ? new Float64Array(times.slice(0, times.length & ~7).buffer) : undefined
}
