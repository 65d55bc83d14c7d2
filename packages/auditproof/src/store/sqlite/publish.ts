/** Publishing inside an open write transaction: newest checkpoints, kept ones, the feed, the meta log. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { AuditError } from '../../errors.ts'
import { metaTenant } from '../../event/index.ts'
import type { Sources } from '../append-plan.ts'
import { storeLimits } from '../limits.ts'
import { planMeta } from '../meta-entries.ts'
import type { Publication, PublishedCheckpoint } from '../store.ts'
import type { Appended, Appender } from './append.ts'
import type { LogStates } from './log-states.ts'

interface Head {
  size: number
  note_size: number
  note: string | null
  tenant: string
}

export class CheckpointWriter {
  readonly #states: LogStates
  readonly #appender: Appender
  readonly #sources: Sources
  readonly #selectHead: StatementSync
  readonly #updateNote: StatementSync
  readonly #selectKept: StatementSync
  readonly #insertKept: StatementSync
  readonly #insertFeed: StatementSync
  readonly #selectOutsideMeta: StatementSync
  readonly #updateMeta: StatementSync

  constructor(db: DatabaseSync, states: LogStates, appender: Appender, sources: Sources) {
    this.#states = states
    this.#appender = appender
    this.#sources = sources
    this.#selectHead = db.prepare('SELECT size, note_size, note, tenant FROM head JOIN log USING (log) WHERE log = ?')
    this.#updateNote = db.prepare('UPDATE head SET note_size = ?, note = ? WHERE log = ?')
    this.#selectKept = db.prepare('SELECT size, created_at FROM checkpoint WHERE log = ? ORDER BY size DESC LIMIT 1')
    this.#insertKept = db.prepare(
      'INSERT INTO checkpoint (log, size, prev_size, note, created_at) VALUES (?, ?, ?, ?, ?)',
    )
    this.#insertFeed = db.prepare(
      'INSERT INTO feed (position, log, from_idx, to_idx) SELECT coalesce(max(position), 0) + 1, ?, ?, ? FROM feed',
    )
    this.#selectOutsideMeta = db.prepare(
      `SELECT log, origin, note_size, note FROM head JOIN log USING (log)
       WHERE note_size > meta_size AND tenant <> '${metaTenant}' ORDER BY log LIMIT ?`,
    )
    this.#updateMeta = db.prepare('UPDATE head SET meta_size = ? WHERE log = ?')
  }

  publish({ log, size, note, keep }: Publication): void {
    const head = this.#selectHead.get(log) as unknown as Head | undefined
    if (head === undefined || size > head.size)
      throw new AuditError(
        'store_corrupt',
        `A checkpoint over ${size} entries of log ${log}, which has ${head?.size ?? 0}.`,
      )
    if (size <= head.note_size) return
    this.#updateNote.run(size, note, log)
    if (head.tenant !== metaTenant) this.#insertFeed.run(log, head.note_size, size)
    this.#keep(log, { size, note }, keep)
  }

  keep(log: number): PublishedCheckpoint | undefined {
    const head = this.#selectHead.get(log) as unknown as Head | undefined
    if (head === undefined || head.note === null) return undefined
    const checkpoint = { size: head.note_size, note: head.note }
    this.#keep(log, checkpoint, true)
    return checkpoint
  }

  #keep(log: number, { size, note }: PublishedCheckpoint, always: boolean): void {
    const kept = this.#selectKept.get(log) as { size: number; created_at: string } | undefined
    const now = this.#sources.now()
    const due = kept === undefined || Date.parse(now) - Date.parse(kept.created_at) >= storeLimits.checkpointIntervalMs
    if ((always || due) && size > (kept?.size ?? 0)) this.#insertKept.run(log, size, kept?.size ?? 0, note, now)
  }

  /** Appends to the meta log each newest checkpoint that it does not hold yet. */
  appendMeta(limit: number): Appended & { count: number } {
    const rows = this.#selectOutsideMeta.all(limit) as {
      log: number
      origin: string
      note_size: number
      note: string
    }[]
    if (rows.length === 0) return { outcomes: [], states: [], count: 0 }
    const now = this.#sources.now()
    const before = this.#states.get(metaTenant)
    const state = this.#appender.write(planMeta(before, rows, now), now)
    for (const { log, note_size } of rows) this.#updateMeta.run(note_size, log)
    return { outcomes: [], states: [state], count: rows.length }
  }
}
