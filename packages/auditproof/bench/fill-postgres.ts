/** The same as fill.ts, in PostgreSQL: what lists read is what recording writes; entries are filler, nothing is sealed. */
import { groupValues, laterSearchKeys, microseconds, searchKeys, summaryOf } from '../src/event/index.ts'
import { LogPostings } from '../src/store/log-postings.ts'
import { encodeOffsets, leafWidth } from '../src/store/offsets.ts'
import { contentColumns, monthOf } from '../src/store/postgres/append-rows.ts'
import { endLeaf, IndexBuilder } from '../src/store/postgres/build-index.ts'
import type { PostgresPool } from '../src/store/postgres/client.ts'
import { Connections } from '../src/store/postgres/connections.ts'
import type { Tx } from '../src/store/postgres/transaction.ts'
import { disclosureChars, entryBytes, submissionOf, type Fill } from './fill.ts'

const log = 1

/** @param pool of a superuser */
export async function fillPostgres(
  pool: PostgresPool,
  { tenant, size, action, event }: Omit<Fill, 'path'>,
): Promise<void> {
  const connections = new Connections(pool)
  const write = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => connections.write('fill', undefined, work)
  const builder = new IndexBuilder()
  const begun = await write(async (tx) => {
    await tx.rows(`INSERT INTO auditproof.store (name, created_at) VALUES ('bench.example', '') ON CONFLICT DO NOTHING`)
    await tx.rows(
      `INSERT INTO auditproof.log (log, tenant, origin, created_at) OVERRIDING SYSTEM VALUE
       VALUES ($1, $2, 'bench.example/1', '') ON CONFLICT DO NOTHING`,
      log,
      tenant,
    )
    await tx.rows(
      `INSERT INTO auditproof.head (log, size, root, recorded_at) VALUES ($1, 0, '', '') ON CONFLICT DO NOTHING`,
      log,
    )
    return (await tx.rows<{ size: number }>('SELECT size FROM auditproof.head WHERE log = $1', log))[0]!.size
  })
  for (let from = begun; from < size; from += leafWidth) {
    const to = Math.min(size, from + leafWidth)
    const [entries, postings, nodes] = leafRows(from, to, action, event)
    await write(async (tx) => {
      await tx.rows(insertLeaf, JSON.stringify(entries), JSON.stringify(postings), JSON.stringify(nodes))
      await tx.rows('UPDATE auditproof.head SET size = $2, indexed = $2 WHERE log = $1', log, to)
      if (to - from === leafWidth) await endLeaf(tx, log, from / leafWidth)
    })
    while ((await write((tx) => builder.build(tx))) > 0);
    if (to % (64 * leafWidth) === 0) process.stderr.write(`${to} of ${size} events\n`)
  }
  const client = await pool.connect()
  await client.query({ text: 'VACUUM ANALYZE' })
  client.release()
}

const disclosures = disclosureChars.map((count) => 'd'.repeat(count)).join('~')

function leafRows(
  from: number,
  to: number,
  action: Fill['action'],
  event: Fill['event'],
): [object[], object[], object[]] {
  const [entries, postings, nodes]: [object[], object[], object[]] = [[], [], []]
  const gathered = new LogPostings({
    add: (leaf, key, offsets) => postings.push({ leaf, key, offsets: encodeOffsets(offsets) }),
    extend: (leaf, earliest, latest) => nodes.push({ leaf, earliest, latest }),
  })
  for (let n = from; n < to; n++) {
    const submission = submissionOf(action(n), event(n), n)
    const clear = { ...submission, recordedAt: submission.occurredAt }
    const values = groupValues(submission)
    const summary = summaryOf(clear, values)
    entries.push({ idx: n, month: monthOf(clear.recordedAt), ...contentColumns(summary) })
    const keys = [...searchKeys(clear, values), ...laterSearchKeys(clear, values)]
    gathered.addEntry(n, keys, microseconds(summary.occurredAt))
  }
  gathered.write()
  return [entries, postings, nodes]
}

const insertLeaf = `
WITH given AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1) AS r (idx bigint, month date, occurred_at text, recorded_at text, action text,
      outcome text, severity text, actor text, actor_name text, target text, target_name text)),
  new_entry AS (
    INSERT INTO auditproof.entry (log, idx, month, id, leaf_hash, entry)
    SELECT ${log}, idx, month, 'e-' || idx, decode(repeat('00', 32), 'hex'), repeat('e', ${entryBytes}) FROM given),
  new_content AS (
    INSERT INTO auditproof.content (month, log, idx, occurred_at, recorded_at, action, outcome, severity,
      actor, actor_name, target, target_name, disclosures)
    SELECT month, ${log}, idx, occurred_at, recorded_at, action, outcome, severity,
      actor, actor_name, target, target_name, '${disclosures}' FROM given),
  new_posting AS (
    INSERT INTO auditproof.posting (log, leaf, key, offsets)
    SELECT ${log}, leaf, key, offsets FROM json_to_recordset($2) AS r (leaf bigint, key text, offsets text))
INSERT INTO auditproof.node (log, level, n, earliest, latest)
SELECT ${log}, 0, leaf, earliest, latest FROM json_to_recordset($3) AS r
  (leaf bigint, earliest double precision, latest double precision)`
