/**
 * What of the search index is built behind the log, piece by piece: the words and changed fields of entries, the times of
 * full leaves, and the levels above. Inside an open transaction that holds the lock of the index, so it is the only one.
 */
import { microseconds } from '../../event/index.ts'
import { laterKeysOf } from '../later-keys.ts'
import { storeLimits } from '../limits.ts'
import { leafWidth, nodeWidth } from '../offsets.ts'
import { growPostings, postingsInto } from './append-rows.ts'
import type { Tx } from './transaction.ts'
import { takeIndexLock } from './index-lock.ts'

interface Waiting {
  log: number
  size: number
  indexed: number
}

interface Carrying {
  log: number
  level: number
  n: number
  after_key: string
}

export class IndexBuilder {
  /** Round robin: the log that was worked on last. */
  #lastLog = 0

  /** @returns entries that still wait; at least 1 while anything is left to do */
  async build(tx: Tx): Promise<number> {
    if (!(await takeIndexLock(tx))) return entriesLeft(tx)
    const carrying = await carryingNow(tx)
    if (carrying === undefined) await this.#addWords(tx)
    else await carryOn(tx, carrying)
    return entriesLeft(tx)
  }

  async #addWords(tx: Tx): Promise<void> {
    const pieces = await this.#nextPieces(tx)
    if (pieces.length === 0) return
    const postings: object[] = []
    for (const { log, indexed, to } of pieces) {
      const added = postingsInto(log, postings, [])
      for (const { idx, entry, disclosures } of await contentsOf(tx, log, indexed, to))
        added.addKeys(idx, laterKeysOf(Buffer.from(entry), disclosures))
      added.write()
    }
    await tx.rows(`WITH ${growPostings('$1')} SELECT`, JSON.stringify(postings))
    const ended = pieces.find(({ to }) => to % leafWidth === 0)
    if (ended !== undefined) await endLeaf(tx, ended.log, ended.to / leafWidth - 1)
    // Last, and in the order of their numbers: these rows are what appending waits for.
    await tx.rows(
      `WITH locked AS (
         SELECT log FROM auditproof.head WHERE log = ANY($1) ORDER BY log FOR UPDATE)
       UPDATE auditproof.head AS h SET indexed = r."to" FROM unnest($1::bigint[], $2::bigint[]) AS r (log, "to"), locked
       WHERE h.log = r.log AND locked.log = h.log`,
      pieces.map(({ log }) => log),
      pieces.map(({ to }) => to),
    )
  }

  /** Up to the end of one leaf: there something else is to be done. */
  async #nextPieces(tx: Tx): Promise<(Waiting & { to: number })[]> {
    const waiting = await this.#nextWaiting(tx)
    const pieces: (Waiting & { to: number })[] = []
    let room: number = storeLimits.indexEntriesMax
    for (const one of waiting) {
      if (room <= 0) break
      const endOfLeaf = (Math.floor(one.indexed / leafWidth) + 1) * leafWidth
      const to = Math.min(one.size, one.indexed + room, endOfLeaf)
      pieces.push({ ...one, to })
      room -= to - one.indexed
      this.#lastLog = one.log
      if (to === endOfLeaf) break
    }
    return pieces.sort((a, b) => a.log - b.log)
  }

  async #nextWaiting(tx: Tx): Promise<Waiting[]> {
    const next = (after: number): Promise<Waiting[]> =>
      tx.rows<Waiting>(
        'SELECT log, size, indexed FROM auditproof.head WHERE size > indexed AND log > $1 ORDER BY log LIMIT $2',
        after,
        storeLimits.indexEntriesMax,
      )
    const waiting = await next(this.#lastLog)
    return waiting.length > 0 || this.#lastLog === 0 ? waiting : next(0)
  }
}

/** Entries that wait; where none does and a level above is still being made, 1. */
async function entriesLeft(tx: Tx): Promise<number> {
  const [row] = await tx.rows<{ n: number }>(
    `SELECT greatest((SELECT coalesce(sum(size - indexed), 0)::bigint FROM auditproof.head WHERE size > indexed),
       (SELECT count(*) FROM auditproof.carrying)) AS n`,
  )
  return row!.n
}

const carryingNow = async (tx: Tx): Promise<Carrying | undefined> =>
  (await tx.rows<Carrying>('SELECT log, level, n, after_key FROM auditproof.carrying LIMIT 1'))[0]

const contentsOf = (
  tx: Tx,
  log: number,
  from: number,
  to: number,
): Promise<{ idx: number; entry: string; disclosures: string | null }[]> =>
  tx.rows(
    `SELECT idx, entry, disclosures FROM auditproof.entry LEFT JOIN auditproof.content USING (log, idx, month)
     WHERE log = $1 AND idx >= $2 AND idx < $3 ORDER BY idx`,
    log,
    from,
    to,
  )

/** All of its entries are in the index: keeps their times side by side, and goes on to the node above. */
export async function endLeaf(tx: Tx, log: number, leaf: number): Promise<void> {
  const rows = await tx.rows<{ occurred_at: string }>(
    `SELECT occurred_at FROM auditproof.entry JOIN auditproof.content USING (log, idx, month)
     WHERE log = $1 AND idx >= $2 AND idx < $3 ORDER BY idx`,
    log,
    leaf * leafWidth,
    (leaf + 1) * leafWidth,
  )
  if (rows.length === leafWidth) {
    const times = Float64Array.from(rows, (row) => microseconds(row.occurred_at))
    await tx.rows(
      'INSERT INTO auditproof.leaf_times (log, leaf, times) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      log,
      leaf,
      Buffer.from(times.buffer),
    )
  }
  await endOf(tx, log, 0, leaf)
}

/** A node is full when the last of those below it is. */
async function endOf(tx: Tx, log: number, level: number, n: number): Promise<void> {
  if ((n + 1) % nodeWidth === 0)
    await tx.rows(
      "INSERT INTO auditproof.carrying (log, level, n, after_key) VALUES ($1, $2, $3, '')",
      log,
      level + 1,
      Math.floor(n / nodeWidth),
    )
}

/** Makes of the keys of 32 nodes those of the one above, a range of keys at a time. */
async function carryOn(tx: Tx, { log, level, n, after_key }: Carrying): Promise<void> {
  const upTo = await carryKeys(tx, { log, level, n, after_key })
  if (upTo !== undefined) {
    await tx.rows('UPDATE auditproof.carrying SET after_key = $2 WHERE log = $1', log, upTo)
    return
  }
  const below = [log, level - 1, n * nodeWidth, (n + 1) * nodeWidth] as const
  await tx.rows(
    `INSERT INTO auditproof.node (log, level, n, earliest, latest)
     SELECT $1, $2::int + 1, $3::bigint / ${nodeWidth}, min(earliest), max(latest) FROM auditproof.node
     WHERE log = $1 AND level = $2 AND n >= $3 AND n < $4`,
    ...below,
  )
  await tx.rows('UPDATE auditproof.node SET top = false WHERE log = $1 AND level = $2 AND n >= $3 AND n < $4', ...below)
  await tx.rows('DELETE FROM auditproof.carrying WHERE log = $1', log)
  await endOf(tx, log, level, n)
}

/** @returns the last key that was carried; undefined when that was all */
async function carryKeys(tx: Tx, { log, level, n, after_key }: Carrying): Promise<string | undefined> {
  const [table, column, below] =
    level === 1 ? ['posting', 'leaf', ''] : ['carried', 'n', `level = ${Math.trunc(level) - 1} AND`]
  const children = `generate_series($2::bigint * ${nodeWidth}, $2::bigint * ${nodeWidth} + ${nodeWidth - 1}) AS child (n)`
  // A piece takes at most so many keys of each of the 32, also where one comes after the other as ids in order of time do.
  const [end] = await tx.rows<{ key: string | null }>(
    `SELECT min(last.key COLLATE "C") AS key FROM ${children}, LATERAL (
       SELECT key FROM auditproof.${table} WHERE log = $1 AND ${below} ${column} = child.n AND key > $3
       ORDER BY key LIMIT 1 OFFSET ${Math.floor(storeLimits.indexKeysMax / nodeWidth) - 1}) AS last`,
    log,
    n,
    after_key,
  )
  const upTo = end?.key ?? undefined
  await tx.rows(
    `INSERT INTO auditproof.carried AS c (log, level, n, key, children)
     SELECT $1, $4, $2, key, bit_or(1::bigint << (child.n % ${nodeWidth})::int) FROM ${children}, LATERAL (
       SELECT key FROM auditproof.${table} WHERE log = $1 AND ${below} ${column} = child.n AND key > $3
         AND ($5::text IS NULL OR key <= $5 COLLATE "C")) AS one
     GROUP BY key
     ON CONFLICT (log, level, n, key) DO UPDATE SET children = c.children | excluded.children`,
    log,
    n,
    after_key,
    level,
    upTo ?? null,
  )
  return upTo
}
