/** What a search reads, in statements of SQLite. Of `content` the narrow columns only. */
import type { IndexNode, KeyMatch } from '../search.ts'
import { keyRange } from '../search/key-range.ts'
import type { LeafKey, SearchedHead, SearchRows, TopNode } from '../search/rows.ts'
import { leafWidth } from '../offsets.ts'
import { indexOf, positionOf } from './place.ts'
import { summaryOfRow } from '../content-row.ts'

type Value = string | number
export type All = (sql: string, ...values: Value[]) => Record<string, unknown>[]

export const rowStatement = `SELECT id, occurred_at, recorded_at, action, outcome, severity, actor, actor_name, target, target_name
     FROM content JOIN entry USING (position) WHERE position = ?`

export const searchRows = (all: All): SearchRows => ({
  head: (log) =>
    all(
      `SELECT tenant, size, note_size AS publishedSize, indexed AS indexedSize FROM head JOIN log USING (log)
       WHERE log = ?`,
      log,
    )[0] as SearchedHead | undefined,

  topNodesOf: (tenant) =>
    all(
      'SELECT log, level, n, earliest, latest FROM node WHERE top = 1 AND log = (SELECT log FROM log WHERE tenant = ?)',
      tenant,
    ) as unknown as TopNode[],

  topNodes({ since = -Infinity, until = Infinity }, descending, after, afterNode, limit) {
    const [first, last, before] = descending ? ['latest', 'earliest', '<'] : ['earliest', 'latest', '>']
    const direction = descending ? 'DESC' : 'ASC'
    const end = descending ? Infinity : -Infinity
    const place = afterNode
      ? [afterNode[first as 'latest'], afterNode[last as 'latest'], afterNode.log, afterNode.level, afterNode.n]
      : [end, end, 0, 0, 0]
    return all(
      `SELECT log, level, n, earliest, latest FROM node INDEXED BY node_${first}
       WHERE top = 1 AND (${first}, ${last}, log, level, n) ${before} (?, ?, ?, ?, ?)
         AND latest >= ? AND earliest < ? AND ${last} ${before}= ?
       ORDER BY ${first} ${direction}, ${last} ${direction}, log ${direction}, level ${direction}, n ${direction} LIMIT ?`,
      ...place, since, until, after?.at ?? end, limit,
    ) as unknown as TopNode[] // prettier-ignore
  },

  children(log, level, n, match, limit) {
    const node = 'SELECT children FROM carried WHERE log = ? AND level = ? AND n = ?'
    const rows =
      'key' in match
        ? all(`${node} AND key = ?`, log, level, n, match.key)
        : all(`${node} AND key >= ? AND key < ? LIMIT ?`, log, level, n, ...keyRange(match), limit)
    return rows.map((row) => Number(row['children']))
  },

  nodes: (log, level, from, to) =>
    all(
      'SELECT n, earliest, latest FROM node WHERE log = ? AND level = ? AND n >= ? AND n < ?',
      log,
      level,
      from,
      to,
    ) as unknown as IndexNode[],

  postings: (log, leaf, matches) => matches.flatMap((match) => postingsOf(all, log, leaf, match)),

  leafTimes(log, leaf) {
    const row = all('SELECT times FROM leaf_times WHERE position = ?', positionOf(log, leaf * leafWidth))[0]
    return row && new Float64Array(new Uint8Array(row['times'] as Uint8Array).buffer)
  },

  times(log, from, to) {
    const first = positionOf(log, from)
    return all(
      'SELECT position, occurred_at FROM content WHERE position >= ? AND position < ? ORDER BY position',
      first,
      first + to - from,
    ).map((row) => ({
      index: indexOf(row['position'] as number),
      occurredAt: row['occurred_at'] as string | null,
    }))
  },

  summaries: (places) =>
    places.flatMap(({ log, index }) => {
      const row = all(rowStatement, positionOf(log, index))[0]
      return row === undefined ? [] : [{ log, index, id: row['id'] as string, summary: summaryOfRow(row) }]
    }),
})

function postingsOf(all: All, log: number, leaf: number, match: KeyMatch): LeafKey[] {
  const inLeaf = 'SELECT key, offsets FROM posting WHERE log = ? AND leaf = ?'
  const rows =
    'key' in match
      ? all(`${inLeaf} AND key = ?`, log, leaf, match.key)
      : all(`${inLeaf} AND key >= ? AND key < ?`, log, leaf, ...keyRange(match))
  return rows as unknown as LeafKey[]
}
