/** Publishing inside an open transaction: newest checkpoints, kept ones, the feed, the meta log. */
import { AuditError } from '../../errors.ts'
import { metaTenant } from '../../event/index.ts'
import type { LogState, Sources } from '../append-plan.ts'
import { storeLimits } from '../limits.ts'
import { planMeta } from '../meta-entries.ts'
import type { Publication, PublishedCheckpoint } from '../store.ts'
import type { Appender } from './append.ts'
import type { Tx } from './transaction.ts'
import type { LogStates } from './log-states.ts'

interface Head {
  log: number
  tenant: string
  size: number
  note_size: number
  note: string | null
  kept_size: number | null
  kept_at: string | null
}

export class CheckpointWriter {
  readonly #states: LogStates
  readonly #appender: Appender
  readonly #sources: Sources

  constructor(states: LogStates, appender: Appender, sources: Sources) {
    this.#states = states
    this.#appender = appender
    this.#sources = sources
  }

  async publish(tx: Tx, publications: readonly Publication[]): Promise<void> {
    if (publications.length === 0) return
    // Held to the end, so that positions of the feed are dense and seen in their order. Before any head, as everybody does.
    await tx.rows("SELECT pg_advisory_xact_lock(hashtext('auditproof.feed'), 0)")
    const heads = await this.#lockHeads(tx, publications.map(({ log }) => log)) // prettier-ignore
    const newer = publications.filter(({ log, size }) => {
      const head = heads.get(log)
      if (head === undefined || size > head.size)
        throw new AuditError(
          'store_corrupt',
          `A checkpoint over ${size} entries of log ${log}, which has ${head?.size ?? 0}.`,
        )
      return size > head.note_size
    })
    const rows = newer.map(({ log, size, note }) => ({ log, size, note, from: heads.get(log)!.note_size }))
    await tx.rows(
      `UPDATE auditproof.head AS h SET note_size = r.size, note = r.note
       FROM json_to_recordset($1) AS r (log bigint, size bigint, note text) WHERE h.log = r.log`,
      JSON.stringify(rows),
    )
    await tx.rows(
      `INSERT INTO auditproof.feed (position, log, from_idx, to_idx)
       SELECT (SELECT coalesce(max(position), 0) FROM auditproof.feed) + row_number() OVER (ORDER BY o), log, "from", size
       FROM ROWS FROM (json_to_recordset($1) AS (log bigint, size bigint, "from" bigint)) WITH ORDINALITY AS r (log, size, "from", o)`,
      JSON.stringify(rows.filter(({ log }) => heads.get(log)!.tenant !== metaTenant)),
    )
    await this.#keep(
      tx,
      newer.filter(({ log, size, keep }) => this.#isDue(heads.get(log)!, size, keep)),
    )
  }

  async keep(tx: Tx, log: number): Promise<PublishedCheckpoint | undefined> {
    const head = (await this.#lockHeads(tx, [log])).get(log)
    if (head === undefined || head.note === null) return undefined
    const checkpoint = { size: head.note_size, note: head.note }
    if (this.#isDue(head, checkpoint.size, true)) await this.#keep(tx, [{ log, ...checkpoint }])
    return checkpoint
  }

  #isDue({ kept_size, kept_at }: Head, size: number, always: boolean): boolean {
    if (kept_size === null || kept_at === null) return true
    const age = Date.parse(this.#sources.now()) - Date.parse(kept_at)
    return size > kept_size && (always || age >= storeLimits.checkpointIntervalMs)
  }

  async #keep(tx: Tx, checkpoints: readonly { log: number; size: number; note: string }[]): Promise<void> {
    if (checkpoints.length === 0) return
    await tx.rows(
      `INSERT INTO auditproof.checkpoint (log, size, prev_size, note, created_at)
       SELECT log, size, coalesce((SELECT max(c.size) FROM auditproof.checkpoint AS c WHERE c.log = r.log), 0), note, $2
       FROM json_to_recordset($1) AS r (log bigint, size bigint, note text)`,
      JSON.stringify(checkpoints.map(({ log, size, note }) => ({ log, size, note }))),
      this.#sources.now(),
    )
  }

  async #lockHeads(tx: Tx, logs: readonly number[]): Promise<Map<number, Head>> {
    const heads = await tx.rows<Head>(
      `SELECT head.log, tenant, head.size, note_size, head.note, kept.size AS kept_size, kept.created_at AS kept_at
       FROM auditproof.head JOIN auditproof.log USING (log) LEFT JOIN LATERAL (
         SELECT size, created_at FROM auditproof.checkpoint WHERE log = head.log ORDER BY size DESC LIMIT 1) AS kept ON true
       WHERE head.log = ANY($1) ORDER BY head.log FOR UPDATE OF head`,
      logs,
    )
    return new Map(heads.map((head) => [head.log, head]))
  }

  /** Appends to the meta log each newest checkpoint that it does not hold yet. */
  async appendMeta(tx: Tx, limit: number): Promise<{ states: LogState[]; count: number }> {
    const waiting = await tx.rows<{ log: number }>(
      `SELECT log FROM auditproof.head JOIN auditproof.log USING (log)
       WHERE note_size > meta_size AND tenant <> '${metaTenant}' ORDER BY log LIMIT $1`,
      limit,
    )
    if (waiting.length === 0) return { states: [], count: 0 }
    const now = this.#sources.now()
    await this.#states.make(tx, [metaTenant], now)
    const [meta] = await tx.rows<{ log: number }>('SELECT log FROM auditproof.log WHERE tenant = $1', metaTenant)
    // All in one go and in order; whoever waited here finds what another has appended done.
    const locked = await tx.rows<{ log: number; origin: string; tenant: string; note_size: number; note: string }>(
      `SELECT head.log, origin, tenant, note_size, note FROM auditproof.head JOIN auditproof.log USING (log)
       WHERE head.log = ANY($1) AND (note_size > meta_size OR tenant = '${metaTenant}') ORDER BY head.log FOR UPDATE OF head`,
      [...waiting.map(({ log }) => log), meta!.log],
    )
    const rows = locked.filter(({ tenant }) => tenant !== metaTenant)
    if (rows.length === 0) return { states: [], count: 0 }
    const { states, damaged } = await this.#states.lock(tx, [metaTenant], now)
    const before = states.get(metaTenant)
    if (before === undefined) throw new AuditError('store_corrupt', damaged.get(metaTenant) ?? 'no meta log')
    const written = await this.#appender.write(tx, [planMeta(before, rows, now)])
    await tx.rows(
      `UPDATE auditproof.head AS h SET meta_size = r.note_size
       FROM json_to_recordset($1) AS r (log bigint, note_size bigint) WHERE h.log = r.log`,
      JSON.stringify(rows.map(({ log, note_size }) => ({ log, note_size }))),
    )
    return { states: written, count: rows.length }
  }
}
