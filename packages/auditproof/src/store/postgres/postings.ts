/** Rows of the search index that change after they were written: what is erased goes, and that it is erased comes. */
import { decodeOffsets, encodeOffsets, leafWidth, nodeWidth } from '../offsets.ts'
import type { Tx } from './transaction.ts'

/** An entry of a log that gets or loses a key. */
export interface KeyChange {
  index: number
  key: string
}

interface LeafKeyRow {
  leaf: number
  key: string
  offsets: string
}

/** Entries that are in the index already lose keys. */
export async function removeKeys(tx: Tx, log: number, changes: readonly KeyChange[]): Promise<void> {
  const groups = byLeafAndKey(changes)
  const stored = await selectPostings(tx, log, groups)
  const emptied: { level: number; n: number; key: string }[] = []
  const left: LeafKeyRow[] = []
  for (const { leaf, key, offsets } of stored) {
    const lost = groups.get(`${leaf} ${key}`)!
    const kept = decodeOffsets(offsets).filter((offset) => !lost.offsets.has(offset))
    if (kept.length > 0) left.push({ leaf, key, offsets: encodeOffsets(kept) })
    else emptied.push({ level: 0, n: leaf, key })
  }
  await replacePostings(tx, log, left)
  await tx.rows(
    `DELETE FROM auditproof.posting AS p USING json_to_recordset($2) AS r (n bigint, key text)
     WHERE p.log = $1 AND p.leaf = r.n AND p.key = r.key COLLATE "C"`,
    log,
    JSON.stringify(emptied),
  )
  for (const { n, key } of emptied) await removeAbove(tx, log, 1, n, key)
}

/** Entries that are in the index already get a key. */
export async function insertKeys(tx: Tx, log: number, changes: readonly KeyChange[]): Promise<void> {
  const groups = byLeafAndKey(changes)
  const stored = new Map(
    (await selectPostings(tx, log, groups)).map(({ leaf, key, offsets }) => [`${leaf} ${key}`, offsets]),
  )
  const rows = [...groups].map(([place, { leaf, key, offsets }]) => {
    const all = new Set([...decodeOffsets(stored.get(place) ?? ''), ...offsets])
    return { leaf, key, offsets: encodeOffsets([...all].sort((a, b) => a - b)) }
  })
  await replacePostings(tx, log, rows)
  for (const { leaf, key } of rows) await addAbove(tx, log, leaf, key)
}

function byLeafAndKey(changes: readonly KeyChange[]): Map<string, { leaf: number; key: string; offsets: Set<number> }> {
  const groups = new Map<string, { leaf: number; key: string; offsets: Set<number> }>()
  for (const { index, key } of changes) {
    const leaf = Math.floor(index / leafWidth)
    const place = `${leaf} ${key}`
    let group = groups.get(place)
    if (group === undefined) groups.set(place, (group = { leaf, key, offsets: new Set() }))
    group.offsets.add(index % leafWidth)
  }
  return groups
}

const selectPostings = (
  tx: Tx,
  log: number,
  groups: ReadonlyMap<string, { leaf: number; key: string }>,
): Promise<LeafKeyRow[]> =>
  tx.rows<LeafKeyRow>(
    `SELECT p.leaf, p.key, offsets FROM json_to_recordset($2) AS r (leaf bigint, key text)
     JOIN auditproof.posting AS p ON p.log = $1 AND p.leaf = r.leaf AND p.key = r.key COLLATE "C"`,
    log,
    JSON.stringify([...groups.values()].map(({ leaf, key }) => ({ leaf, key }))),
  )

async function replacePostings(tx: Tx, log: number, rows: readonly LeafKeyRow[]): Promise<void> {
  await tx.rows(
    `INSERT INTO auditproof.posting (log, leaf, key, offsets)
     SELECT $1, leaf, key, offsets FROM json_to_recordset($2) AS r (leaf bigint, key text, offsets text)
     ON CONFLICT (log, leaf, key) DO UPDATE SET offsets = excluded.offsets`,
    log,
    JSON.stringify(rows),
  )
}

/** The nodes above a node that has lost a key lose it where none of their others has it. */
async function removeAbove(tx: Tx, log: number, level: number, child: number, key: string): Promise<void> {
  const n = Math.floor(child / nodeWidth)
  const [left] = await tx.rows<{ children: number }>(
    `UPDATE auditproof.carried SET children = children & ~(1::bigint << $5::int)
     WHERE log = $1 AND level = $2 AND n = $3 AND key = $4 RETURNING children`,
    log,
    level,
    n,
    key,
    child % nodeWidth,
  )
  if (left === undefined || left.children !== 0) return
  await tx.rows(
    'DELETE FROM auditproof.carried WHERE log = $1 AND level = $2 AND n = $3 AND key = $4',
    log,
    level,
    n,
    key,
  )
  await removeAbove(tx, log, level + 1, n, key)
}

/** As far as the nodes above are made, or being made. */
async function addAbove(tx: Tx, log: number, leaf: number, key: string): Promise<void> {
  for (let level = 1, n = leaf; ; level++) {
    const child = n % nodeWidth
    n = Math.floor(n / nodeWidth)
    const [made] = await tx.rows(
      `SELECT FROM auditproof.node WHERE log = $1 AND level = $2 AND n = $3
       UNION ALL SELECT FROM auditproof.carrying WHERE log = $1 AND level = $2 AND n = $3`,
      log,
      level,
      n,
    )
    if (made === undefined) return
    await tx.rows(
      `INSERT INTO auditproof.carried AS c (log, level, n, key, children) VALUES ($1, $2, $3, $4, 1::bigint << $5::int)
       ON CONFLICT (log, level, n, key) DO UPDATE SET children = c.children | excluded.children`,
      log,
      level,
      n,
      key,
      child,
    )
  }
}
