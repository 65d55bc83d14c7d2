/** What a search reads, in statements of PostgreSQL. Of `content` the narrow columns only. */
import { summaryOfRow } from '../content-row.ts'
import { leafWidth } from '../offsets.ts'
import type { IndexNode, KeyMatch } from '../search.ts'
import { keyRange } from '../search/key-range.ts'
import type { LeafKey, SearchedHead, SearchRows, TopNode } from '../search/rows.ts'
import type { Tx } from './transaction.ts'

export const searchRows = (tx: Tx): SearchRows => ({
  async head(log) {
    const rows = await tx.rows<SearchedHead>(
      `SELECT tenant, size, note_size AS "publishedSize", indexed AS "indexedSize"
       FROM auditproof.head JOIN auditproof.log USING (log) WHERE log = $1`,
      log,
    )
    return rows[0]
  },

  topNodesOf: (tenant) =>
    tx.rows<TopNode>(
      `SELECT log, level, n, earliest, latest FROM auditproof.node
       WHERE top AND log = (SELECT log FROM auditproof.log WHERE tenant = $1)`,
      storable(tenant),
    ),

  topNodes({ since = -Infinity, until = Infinity }, descending, after, afterNode, limit) {
    const [first, last, before] = descending ? ['latest', 'earliest', '<'] : ['earliest', 'latest', '>']
    const direction = descending ? 'DESC' : 'ASC'
    const end = descending ? Infinity : -Infinity
    const place = afterNode
      ? [afterNode[first as 'latest'], afterNode[last as 'latest'], afterNode.log, afterNode.level, afterNode.n]
      : [end, end, 0, 0, 0]
    return tx.rows<TopNode>(
      `SELECT log, level, n, earliest, latest FROM auditproof.node
       WHERE top AND (${first}, ${last}, log, level, n) ${before} ($1, $2, $3, $4, $5)
         AND latest >= $6 AND earliest < $7 AND ${last} ${before}= $8
       ORDER BY ${first} ${direction}, ${last} ${direction}, log ${direction}, level ${direction}, n ${direction} LIMIT $9`,
      ...place,
      since,
      until,
      after?.at ?? end,
      limit,
    )
  },

  async children(log, level, n, match, limit) {
    const node = 'SELECT children FROM auditproof.carried WHERE log = $1 AND level = $2 AND n = $3'
    const rows =
      'key' in match
        ? await tx.rows<{ children: number }>(`${node} AND key = $4`, log, level, n, storable(match.key))
        : await tx.rows<{ children: number }>(
            `${node} AND key >= $4 AND key < $5 LIMIT $6`,
            ...([log, level, n, ...storableRange(match), limit] as const),
          )
    return rows.map(({ children }) => children)
  },

  nodes: (log, level, from, to) =>
    tx.rows<IndexNode>(
      'SELECT n, earliest, latest FROM auditproof.node WHERE log = $1 AND level = $2 AND n >= $3 AND n < $4',
      log,
      level,
      from,
      to,
    ),

  postings: (log, leaf, matches) => {
    const values: unknown[] = [log, leaf]
    const next = (value: unknown): string => `$${values.push(value)}`
    const any = matches.map((match) => {
      if ('key' in match) return `key = ${next(storable(match.key))}`
      const [from, before] = storableRange(match)
      return `key >= ${next(from)} AND key < ${next(before)}`
    })
    const inLeaf = 'SELECT key, offsets FROM auditproof.posting WHERE log = $1 AND leaf = $2'
    return tx.rows<LeafKey>(any.map((one) => `${inLeaf} AND ${one}`).join(' UNION ALL '), ...values)
  },

  async leafTimes(log, leaf) {
    const rows = await tx.rows<{ times: Uint8Array }>(
      'SELECT times FROM auditproof.leaf_times WHERE log = $1 AND leaf = $2',
      log,
      leaf,
    )
    const times = rows[0]?.times
    return times?.length === leafWidth * 8 ? new Float64Array(new Uint8Array(times).buffer) : undefined
  },

  async times(log, from, to) {
    const rows = await tx.rows<{ idx: number; occurred_at: string | null }>(
      `SELECT idx, occurred_at FROM auditproof.entry JOIN auditproof.content USING (log, idx, month)
       WHERE log = $1 AND idx >= $2 AND idx < $3`,
      log,
      from,
      to,
    )
    return rows.map(({ idx, occurred_at }) => ({ index: idx, occurredAt: occurred_at }))
  },

  async summaries(places) {
    const rows = await tx.rows<{ log: number; idx: number; id: string }>(
      `SELECT log, idx, id, occurred_at, recorded_at, action, outcome, severity, actor, actor_name, target, target_name
       FROM unnest($1::bigint[], $2::bigint[]) AS place (log, idx)
       JOIN auditproof.entry USING (log, idx) JOIN auditproof.content USING (log, idx, month)`,
      places.map(({ log }) => log),
      places.map(({ index }) => index),
    )
    return rows.map((row) => ({
      log: row.log,
      index: row.idx,
      id: row.id,
      summary: summaryOfRow(row as unknown as Record<string, unknown>),
    }))
  },
})

/** No text here holds NUL, no key either: what is asked for with one is asked for as what is nowhere. */
export const storable = (key: string): string => key.replaceAll('\0', '\ufffe')

/** A range that ends after a key, with NUL, ends with it and a character that no key begins a part with. */
function storableRange(match: Exclude<KeyMatch, { key: string }>): [from: string, before: string] {
  const [from, before] = keyRange(match)
  return [storable(from), before.replaceAll('\0', '\u0001')]
}
