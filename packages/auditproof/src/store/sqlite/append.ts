/** Appending inside an open write transaction: looks up, plans, inserts. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { AuditError } from '../../errors.ts'
import { systemTenant, type TakenSubmission } from '../../event/index.ts'
import { planAppend, type AppendPlan, type LogState, type PlannedLog, type Sources, type StoredEvent } from '../append-plan.ts'
import type { AppendOutcome } from '../store.ts'
import type { LogStates } from './log-states.ts'
import { indexOf, positionOf } from './place.ts'

export class Appender {
  readonly #states: LogStates
  readonly #sources: Sources
  readonly #selectById: StatementSync
  readonly #selectDisclosures: StatementSync
  readonly #insertEntry: StatementSync
  readonly #insertContent: StatementSync
  readonly #insertTile: StatementSync
  readonly #insertHead: StatementSync
  readonly #updateHead: StatementSync

  constructor(db: DatabaseSync, states: LogStates, sources: Sources) {
    this.#states = states
    this.#sources = sources
    this.#selectById = db.prepare('SELECT position, entry, leaf_hash FROM entry WHERE log = ? AND id = ?')
    this.#selectDisclosures = db.prepare('SELECT disclosures FROM content WHERE position = ?')
    this.#insertEntry = db.prepare('INSERT INTO entry (position, id, entry, leaf_hash) VALUES (?, ?, ?, ?)')
    this.#insertContent = db.prepare(
      `INSERT INTO content (position, occurred_at, recorded_at, action, outcome, severity,
         actor, actor_name, target, target_name, disclosures) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#insertTile = db.prepare('INSERT INTO tile (log, level, n, hashes, root) VALUES (?, ?, ?, ?, ?)')
    this.#insertHead = db.prepare('INSERT INTO head (log, size, root, recorded_at) VALUES (?, ?, ?, ?)')
    this.#updateHead = db.prepare('UPDATE head SET size = ?, root = ?, recorded_at = ? WHERE log = ?')
  }

  /** Writes the batch. The plan's states become true with the commit: pass it to `committed` then. */
  append(submissions: readonly TakenSubmission[]): AppendPlan {
    const now = this.#sources.now()
    const sources = { ...this.#sources, now: () => now }
    const { sound, damaged } = this.#lookUp(submissions, now)
    const fit = submissions.filter((submission) => !damaged.has(submission.tenant))
    const plan = planAppend(
      fit,
      (tenant) => sound.get(tenant) ?? this.#states.get(tenant, now),
      (state, id) => this.#stored(state, id),
      sources,
    )
    for (const log of plan.logs) this.#write(log)
    if (damaged.size === 0) return plan
    let next = 0
    const outcomes = submissions.map(({ tenant }): AppendOutcome => {
      const error = damaged.get(tenant)
      return error === undefined
        ? plan.outcomes[next++]!
        : { state: 'rejected', code: 'store_corrupt', message: error.message }
    })
    return { ...plan, outcomes }
  }

  committed(plan: AppendPlan): void {
    for (const { after } of plan.logs) this.#states.remember(after)
  }

  /** A log that contradicts itself takes no other log down. */
  #lookUp(submissions: readonly TakenSubmission[], now: string): { sound: Map<string, LogState>; damaged: Map<string, AuditError> } {
    const sound = new Map<string, LogState>()
    const damaged = new Map<string, AuditError>()
    for (const { tenant } of submissions) {
      if (typeof tenant !== 'string' || tenant === '' || sound.has(tenant) || damaged.has(tenant)) continue
      try {
        const state = this.#states.get(tenant, now)
        if (state.isNew && !sound.has(systemTenant)) sound.set(systemTenant, this.#states.get(systemTenant, now))
        sound.set(tenant, state)
      } catch (error) {
        if (!(error instanceof AuditError && error.code === 'store_corrupt')) throw error
        damaged.set(tenant, error)
      }
    }
    return { sound, damaged }
  }

  #stored(state: LogState, id: string): StoredEvent | undefined {
    if (state.isNew) return undefined
    const row = this.#selectById.get(state.log, id) as
      | { position: number; entry: Uint8Array; leaf_hash: Uint8Array }
      | undefined
    if (row === undefined) return undefined
    const content = this.#selectDisclosures.get(row.position) as { disclosures: string } | undefined
    return {
      index: indexOf(row.position),
      entry: row.entry,
      leafHash: row.leaf_hash,
      disclosures: splitDisclosures(content?.disclosures ?? ''),
    }
  }

  #write({ before, after, root, entries, tiles }: PlannedLog): void {
    const { log } = before
    for (const { index, id, entry, leafHash, summary, disclosures } of entries) {
      const position = positionOf(log, index)
      this.#insertEntry.run(position, id, entry, leafHash)
      this.#insertContent.run(
        position,
        summary.occurredAt,
        summary.recordedAt,
        summary.action,
        summary.outcome,
        summary.severity,
        summary.actor,
        summary.actorName,
        summary.target,
        summary.targetName,
        disclosures.join('~'),
      )
    }
    for (const { level, n, hashes, root: tileRoot } of tiles) this.#insertTile.run(log, level, n, hashes, tileRoot)
    const { size } = after.rightEdge.edge
    if (before.rightEdge.edge.size === 0) this.#insertHead.run(log, size, root, after.recordedAt)
    else this.#updateHead.run(size, root, after.recordedAt, log)
  }

  /** Entries of the meta log: the bytes of a note, without content. */
  appendNotes(state: LogState, notes: readonly { id: string; note: Uint8Array; leafHash: Uint8Array }[], extended: PlannedLog): void {
    for (const [i, { id, note, leafHash }] of notes.entries())
      this.#insertEntry.run(positionOf(state.log, state.rightEdge.edge.size + i), id, note, leafHash)
    this.#write({ ...extended, entries: [] })
  }
}

export const splitDisclosures = (text: string): string[] => (text === '' ? [] : text.split('~'))
