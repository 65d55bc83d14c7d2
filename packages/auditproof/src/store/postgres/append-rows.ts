/** What one append writes, as the rows of one statement: a round trip for the whole batch, however many logs it goes to. */
import { metaTenant, microseconds, type Summary } from '../../event/index.ts'
import type { LogState, PlannedEntry, PlannedLog } from '../append-plan.ts'
import { LogPostings } from '../log-postings.ts'
import { encodeForAppending } from '../offsets.ts'
import type { FullTile } from '../right-edge.ts'

/** An event's, or one of the meta log, which has an entry and no content. */
export type WrittenEntry =
  | PlannedEntry
  | (Omit<PlannedEntry, 'summary' | 'disclosures' | 'keys'> & { summary?: never; disclosures?: never; keys?: never })

export interface WrittenLog {
  after: LogState
  root: Uint8Array
  entries: readonly WrittenEntry[]
  tiles: readonly FullTile[]
}

/** Parameters are JSON texts: the server reads them twice as fast as arrays. */
export class AppendRows {
  readonly #entries: object[] = []
  readonly #postings: object[] = []
  readonly #nodes: object[] = []
  readonly #heads: object[] = []
  readonly #tiles: object[] = []

  add({ after, root, entries, tiles }: WrittenLog | PlannedLog): void {
    const { log, recordedAt } = after
    const { size } = after.rightEdge.edge
    const month = monthOf(recordedAt)
    const postings = postingsInto(log, this.#postings, this.#nodes)
    for (const entry of entries as readonly WrittenEntry[]) {
      const { index: idx, id, leafHash, summary, disclosures, keys } = entry
      const row = { log, idx, month, id, hash: hex(leafHash), entry: asciiText(entry.entry) }
      if (disclosures === undefined) this.#entries.push(row)
      else {
        this.#entries.push({ ...row, ...contentColumns(summary), disclosures: disclosures.join('~') })
        postings.addEntry(idx, keys, microseconds(summary.occurredAt))
      }
    }
    postings.write()
    // The meta log is not searched.
    this.#heads.push({ log, size, root: hex(root), recorded_at: recordedAt, skips: after.tenant === metaTenant })
    for (const { level, n, hashes, root: tileRoot } of tiles)
      this.#tiles.push({ log, level, n, hashes: hex(hashes), root: hex(tileRoot) })
  }

  values(): string[] {
    return [this.#entries, this.#postings, this.#nodes, this.#heads, this.#tiles].map((rows) => JSON.stringify(rows))
  }
}

/** Rows of the search index that grow by what is added to it. */
export const postingsInto = (log: number, postings: object[], nodes: object[]): LogPostings =>
  new LogPostings({
    add(leaf, key, offsets) {
      const { text, beforeFirst, twoBeforeFirst, lastOfRun, rest } = encodeForAppending(offsets)
      postings.push({ log, leaf, key, text, one: beforeFirst, two: twoBeforeFirst, run: lastOfRun, rest })
    },
    extend(leaf, earliest, latest) {
      nodes.push({ log, leaf, earliest, latest })
    },
  })

/** The first day of the month, as a date. */
export const monthOf = (time: string): string => `${time.slice(0, 7)}-01`

export const contentColumns = (summary: Summary): object => ({
  occurred_at: summary.occurredAt,
  recorded_at: summary.recordedAt,
  action: summary.action,
  outcome: summary.outcome,
  severity: summary.severity,
  actor: summary.actor,
  actor_name: summary.actorName,
  target: summary.target,
  target_name: summary.targetName,
})

const hex = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
const asciiText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')

/**
 * A key that is in the leaf already grows: a run that ends with the offset before goes on, two single offsets before become
 * one, as in SQLite (sqlite/postings.ts). Whoever adds to a leaf holds the lock of its log, so nobody inserts in between.
 */
export const growPostings = (given: string): string => `
  given_posting AS MATERIALIZED (
    SELECT * FROM json_to_recordset(${given}) AS r
      (log bigint, leaf bigint, key text, text text, one text, two text, run text, rest text)),
  grown AS (
    UPDATE auditproof.posting AS p SET offsets = CASE
      WHEN substr(p.offsets, greatest(length(p.offsets) - 4, 1), 1) = '.' AND length(p.offsets) >= 5 AND right(p.offsets, 2) = one
        THEN left(p.offsets, -2) || run || rest
      WHEN two <> '' AND right(p.offsets, 4) = two || one THEN left(p.offsets, -4) || '.' || two || run || rest
      ELSE p.offsets || text END
    FROM given_posting AS g WHERE p.log = g.log AND p.leaf = g.leaf AND p.key = g.key COLLATE "C"
    RETURNING p.log, p.leaf, p.key),
  new_posting AS (
    INSERT INTO auditproof.posting (log, leaf, key, offsets)
    SELECT log, leaf, key, text FROM given_posting AS g
    WHERE NOT EXISTS (SELECT FROM grown WHERE grown.log = g.log AND grown.leaf = g.leaf AND grown.key = g.key COLLATE "C"))`

export const writeStatement: string = `
WITH given AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1) AS r (log bigint, idx bigint, month date, id text, hash text, entry text,
      occurred_at text, recorded_at text, action text, outcome text, severity text, actor text, actor_name text,
      target text, target_name text, disclosures text)),
  new_entry AS (
    INSERT INTO auditproof.entry (log, idx, month, id, leaf_hash, entry)
    SELECT log, idx, month, id, decode(hash, 'hex'), entry FROM given),
  new_content AS (
    INSERT INTO auditproof.content (month, log, idx, occurred_at, recorded_at, action, outcome, severity,
      actor, actor_name, target, target_name, disclosures)
    SELECT month, log, idx, occurred_at, recorded_at, action, outcome, severity,
      actor, actor_name, target, target_name, disclosures FROM given WHERE disclosures IS NOT NULL),
  ${growPostings('$2')},
  new_node AS (
    INSERT INTO auditproof.node AS n (log, level, n, earliest, latest)
    SELECT log, 0, leaf, earliest, latest FROM json_to_recordset($3) AS r
      (log bigint, leaf bigint, earliest double precision, latest double precision)
    ON CONFLICT (log, level, n) DO UPDATE SET
      earliest = least(n.earliest, excluded.earliest), latest = greatest(n.latest, excluded.latest)
    WHERE excluded.earliest < n.earliest OR excluded.latest > n.latest),
  new_tile AS (
    INSERT INTO auditproof.tile (log, level, n, hashes, root)
    SELECT log, level, n, decode(hashes, 'hex'), decode(root, 'hex') FROM json_to_recordset($5) AS r
      (log bigint, level int, n bigint, hashes text, root text))
UPDATE auditproof.head AS h SET size = r.size, root = decode(r.root, 'hex'), recorded_at = r.recorded_at,
  indexed = CASE WHEN r.skips THEN r.size ELSE h.indexed END
FROM json_to_recordset($4) AS r (log bigint, size bigint, root text, recorded_at text, skips boolean)
WHERE h.log = r.log`
