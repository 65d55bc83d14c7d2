/** Appending inside an open write transaction: looks up, plans, inserts. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { AuditError } from '../../errors.ts'
import { metaTenant, microseconds, systemTenant, type TakenSubmission } from '../../event/index.ts'
import {
  planAppend,
  type LogState,
  type PlannedEntry,
  type PlannedLog,
  type Sources,
  type StoredEvent,
} from '../append-plan.ts'
import type { AppendOutcome } from '../store.ts'
import { isConstraint } from './errors.ts'
import { ContentRows } from './content-rows.ts'
import { numberless, type LogStates } from './log-states.ts'
import { indexOf, positionOf } from './place.ts'
import { PostingRows } from './postings.ts'

export interface Appended {
  /** One a submission, in order. */
  outcomes: AppendOutcome[]
  /** The logs as they stand once the transaction is committed. */
  states: LogState[]
}

export class Appender {
  readonly #db: DatabaseSync
  readonly #states: LogStates
  readonly #sources: Sources
  readonly #selectById: StatementSync
  readonly #insertEntry: StatementSync
  readonly #content: ContentRows
  readonly #postings: PostingRows
  readonly #insertTile: StatementSync
  readonly #insertHead: StatementSync
  readonly #updateHead: StatementSync
  readonly #skipIndex: StatementSync

  constructor(db: DatabaseSync, states: LogStates, sources: Sources) {
    this.#db = db
    this.#states = states
    this.#sources = sources
    this.#selectById = db.prepare('SELECT position, entry, leaf_hash FROM entry WHERE log = ? AND id = ?')
    this.#insertEntry = db.prepare('INSERT INTO entry (position, id, entry, leaf_hash) VALUES (?, ?, ?, ?)')
    this.#content = new ContentRows(db)
    this.#postings = new PostingRows(db)
    this.#insertTile = db.prepare('INSERT INTO tile (log, level, n, hashes, root) VALUES (?, ?, ?, ?, ?)')
    this.#insertHead = db.prepare('INSERT INTO head (log, size, root, recorded_at) VALUES (?, ?, ?, ?)')
    this.#updateHead = db.prepare('UPDATE head SET size = ?, root = ?, recorded_at = ? WHERE log = ?')
    this.#skipIndex = db.prepare('UPDATE head SET indexed = size WHERE log = ?')
  }

  /**
   * Writes the batch; what it returns is true once the transaction is committed: tell `committed` then.
   * A batch that meets a constraint is split, so that no event takes others down.
   */
  append(submissions: readonly TakenSubmission[]): Appended {
    const db = this.#db
    db.exec('SAVEPOINT batch')
    try {
      const appended = this.#appendWhole(submissions)
      db.exec('RELEASE batch')
      return appended
    } catch (error) {
      if (!isConstraint(error)) throw error
      db.exec('ROLLBACK TO batch; RELEASE batch')
      if (submissions.length === 1) return { outcomes: [rejected(error)], states: [] }
      const half = submissions.length >> 1
      const [first, second] = [this.append(submissions.slice(0, half)), this.append(submissions.slice(half))]
      return { outcomes: [...first.outcomes, ...second.outcomes], states: [...first.states, ...second.states] }
    }
  }

  #appendWhole(submissions: readonly TakenSubmission[]): Appended {
    const now = this.#sources.now()
    const damaged = this.#damagedLogs(submissions)
    const plan = planAppend(
      submissions.filter(({ tenant }) => !damaged.has(tenant)),
      (tenant) => this.#states.get(tenant),
      (state, id) => this.#stored(state, id),
      { ...this.#sources, now: () => now },
    )
    const states = plan.logs.map((log) => this.write(log, now))
    if (damaged.size === 0) return { outcomes: plan.outcomes, states }
    const planned = plan.outcomes.values()
    const outcomes = submissions.map(({ tenant }): AppendOutcome => {
      const message = damaged.get(tenant)
      return message === undefined ? planned.next().value! : { state: 'rejected', code: 'store_corrupt', message }
    })
    return { outcomes, states }
  }

  committed({ states }: Appended): void {
    for (const state of states) this.#states.remember(state)
  }

  /** Inserts what is planned for one log, and the log itself when it is new. @returns the log as it then stands */
  write(
    { before, after, root, entries, tiles }: Omit<PlannedLog, 'entries'> & { entries: readonly WrittenEntry[] },
    now: string,
  ): LogState {
    const log = before.log === numberless ? this.#states.make(before, now) : before.log
    const postings = this.#postings.of(log)
    for (const { index, id, entry, leafHash, summary, disclosures, keys } of entries) {
      const position = positionOf(log, index)
      this.#insertEntry.run(position, id, entry, leafHash)
      if (disclosures === undefined) continue
      this.#content.insert(position, summary, disclosures)
      postings.addEntry(index, keys, microseconds(summary.occurredAt))
    }
    postings.write()
    for (const { level, n, hashes, root: tileRoot } of tiles) this.#insertTile.run(log, level, n, hashes, tileRoot)
    const { size } = after.rightEdge.edge
    if (before.log === numberless) this.#insertHead.run(log, size, root, after.recordedAt)
    else this.#updateHead.run(size, root, after.recordedAt, log)
    if (after.tenant === metaTenant) this.#skipIndex.run(log)
    return { ...after, log }
  }

  /** Why nothing is appended to them: a log that contradicts itself takes no other down. */
  #damagedLogs(submissions: readonly TakenSubmission[]): Map<string, string> {
    const damaged = new Map<string, string>()
    for (const tenant of new Set(submissions.map((submission) => submission.tenant)))
      try {
        // The beginning of a new log is recorded in `_system`: without that one it cannot begin.
        if (this.#states.get(tenant).log === numberless) this.#states.get(systemTenant)
      } catch (error) {
        if (!(error instanceof AuditError && error.code === 'store_corrupt')) throw error
        damaged.set(tenant, error.message)
      }
    return damaged
  }

  #stored(state: LogState, id: string): StoredEvent | undefined {
    if (state.log === numberless) return undefined
    const row = this.#selectById.get(state.log, id) as
      | { position: number; entry: Uint8Array; leaf_hash: Uint8Array }
      | undefined
    if (row === undefined) return undefined
    const { entry, leaf_hash: leafHash, position } = row
    return { index: indexOf(position), entry, leafHash, disclosures: this.#content.disclosures(position) }
  }
}

const rejected = (error: unknown): AppendOutcome => ({
  state: 'rejected',
  code: 'store_rejected',
  message: `The store refuses the event: ${(error as Error).message}`,
})

/** An event's, or one of the meta log, which has an entry and no content. */
export type WrittenEntry =
  | PlannedEntry
  | (Omit<PlannedEntry, 'summary' | 'disclosures' | 'keys'> & { summary?: never; disclosures?: never; keys?: never })
