/** The rows of the search index as they are stored, for checking them: what cannot be read is given as such. */
import { membersOf } from '../posting-members.ts'
import type { IndexPlace, Posting, StoredNode } from '../search.ts'
import type { Tx } from './transaction.ts'

export const storedNodes = (tx: Tx, log: number, level: number, afterN: number, limit: number): Promise<StoredNode[]> =>
  tx.rows<StoredNode>(
    `SELECT n, earliest, latest, top FROM auditproof.node WHERE log = $1 AND level = $2 AND n > $3 ORDER BY n LIMIT $4`,
    log,
    level,
    afterN,
    limit,
  )

export async function storedPostings(
  tx: Tx,
  log: number,
  level: number,
  n: number,
  afterKey: string,
  limit: number,
): Promise<Posting[]> {
  const rows =
    level === 0
      ? await tx.rows<{ key: string; members: string }>(
          `SELECT key, offsets AS members FROM auditproof.posting
           WHERE log = $1 AND leaf = $2 AND key > $3 ORDER BY key LIMIT $4`,
          ...([log, n, afterKey, limit] as const),
        )
      : await tx.rows<{ key: string; members: number }>(
          `SELECT key, children AS members FROM auditproof.carried
           WHERE log = $1 AND level = $5 AND n = $2 AND key > $3 ORDER BY key LIMIT $4`,
          ...([log, n, afterKey, limit, level] as const),
        )
  return rows.map(({ key, members }) => ({ key, members: membersOf(members) }))
}

export async function storedTimes(tx: Tx, log: number, leaf: number): Promise<Float64Array | undefined> {
  const [row] = await tx.rows<{ times: Uint8Array }>(
    'SELECT times FROM auditproof.leaf_times WHERE log = $1 AND leaf = $2',
    log,
    leaf,
  )
  // Bytes that are no whole number of doubles are times all the same, and wrong ones.
  return row && new Float64Array(new Uint8Array(row.times.subarray(0, row.times.length & ~7)).buffer)
}

/** The next place in each table, by its key. Leaves have no column for their level: it is 0. */
const nextPlaces = [
  ...['posting', 'leaf_times'].map(
    (table) => `(SELECT log, 0 AS level, leaf AS n FROM auditproof.${table}
      WHERE (log, leaf) > (place.log, CASE WHEN place.level < 0 THEN -1 WHEN place.level = 0 THEN place.n ELSE 9007199254740991 END)
      ORDER BY log, leaf LIMIT 1)`,
  ),
  ...['carried', 'node'].map(
    (table) => `(SELECT log, level, n FROM auditproof.${table}
      WHERE (log, level, n) > (place.log, place.level, place.n) ORDER BY log, level, n LIMIT 1)`,
  ),
].join(' UNION ALL ')

/** Which nodes anything is stored of, found by steps from one to the next: no row between is read. */
export async function indexPlaces(tx: Tx, after: IndexPlace | undefined, limit: number): Promise<IndexPlace[]> {
  return tx.rows<IndexPlace>(
    `WITH RECURSIVE place (log, level, n) AS (
       SELECT $1::bigint, $2::int, $3::bigint
       UNION ALL
       SELECT next.log, next.level, next.n FROM place, LATERAL (
         SELECT * FROM (${nextPlaces}) AS each ORDER BY log, level, n LIMIT 1) AS next)
     SELECT log, level, n FROM place OFFSET 1 LIMIT $4`,
    after?.log ?? -1,
    after?.level ?? -1,
    after?.n ?? -1,
    limit,
  )
}
