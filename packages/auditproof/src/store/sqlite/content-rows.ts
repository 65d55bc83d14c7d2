/** Rows of `content`: what lists show of an event, and its disclosures joined by "~". */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Summary } from '../../event/index.ts'
import { splitDisclosures } from '../content-row.ts'

export class ContentRows {
  readonly #select: StatementSync
  readonly #insert: StatementSync
  readonly #delete: StatementSync

  constructor(db: DatabaseSync) {
    this.#select = db.prepare('SELECT disclosures FROM content WHERE position = ?')
    this.#insert = db.prepare(
      `INSERT INTO content (position, occurred_at, recorded_at, action, outcome, severity,
         actor, actor_name, target, target_name, disclosures) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#delete = db.prepare('DELETE FROM content WHERE position = ?')
  }

  insert(position: number, summary: Summary, disclosures: readonly string[]): void {
    this.#insert.run(
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

  disclosures(position: number): string[] {
    return splitDisclosures((this.#select.get(position)?.['disclosures'] as string | undefined) ?? '')
  }

  /** Rows are never changed in place: the trigger lets one go only with a recorded erasure. */
  replace(position: number, summary: Summary, disclosures: readonly string[]): void {
    this.#delete.run(position)
    this.insert(position, summary, disclosures)
  }
}
