/** Erasing content inside an open write transaction. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { AuditError } from '../../errors.ts'
import { erasedKey, parseJson, type TakenSubmission } from '../../event/index.ts'
import { checkErasure, contentAfterErasing } from '../erasing.ts'
import type { Erasure } from '../store.ts'
import type { Appended, Appender } from './append.ts'
import { ContentRows } from './content-rows.ts'
import { positionOf } from './place.ts'
import { PostingRows } from './postings.ts'

export class Eraser {
  readonly #appender: Appender
  readonly #content: ContentRows
  readonly #postings: PostingRows
  readonly #selectLog: StatementSync
  readonly #selectEntry: StatementSync
  readonly #selectErased: StatementSync
  readonly #insertErasure: StatementSync

  constructor(db: DatabaseSync, appender: Appender) {
    this.#appender = appender
    this.#selectLog = db.prepare('SELECT log FROM log WHERE tenant = ?')
    this.#selectEntry = db.prepare('SELECT entry FROM entry WHERE position = ?')
    this.#selectErased = db.prepare('SELECT 1 FROM erasure WHERE log = ? AND idx = ? AND disclosure_group = ?')
    this.#insertErasure = db.prepare('INSERT INTO erasure (log, idx, disclosure_group, by_idx) VALUES (?, ?, ?, ?)')
    this.#content = new ContentRows(db)
    this.#postings = new PostingRows(db)
  }

  erase(erasure: Erasure): Appended {
    checkErasure(erasure)
    const { log } = (this.#selectLog.get(erasure.tenant) as { log: number } | undefined) ?? {}
    if (log === undefined)
      throw new AuditError('erase_refused', `There is no tenant ${JSON.stringify(erasure.tenant)}.`)
    const submission = parseJson(erasure.submission) as TakenSubmission
    // 1. The record of it. If we die before the commit, neither it nor the erasure has happened.
    const appended = this.#appender.append([submission])
    const [outcome] = appended.outcomes
    if (outcome?.state !== 'stored' || outcome.tenant !== erasure.tenant) {
      const why = outcome?.state === 'rejected' ? outcome.message : 'its event belongs to another tenant.'
      throw new AuditError('erase_refused', `The erasure could not be recorded: ${why}`)
    }
    if (outcome.duplicate) return appended
    // 2. The content goes. What is left of it is written anew: rows are never changed in place.
    for (const { index, groups } of erasure.items) {
      const position = positionOf(log, index)
      const entry = this.#selectEntry.get(position)?.['entry'] as Uint8Array | undefined
      const stored = this.#content.disclosures(position)
      const { summary, disclosures, lostKeys } = contentAfterErasing(index, entry, stored, groups)
      for (const group of groups)
        if (this.#selectErased.get(log, index, group) === undefined)
          this.#insertErasure.run(log, index, group, outcome.index)
      this.#content.replace(position, summary, disclosures)
      for (const key of lostKeys) this.#postings.remove(log, index, key)
      this.#postings.insert(log, index, erasedKey)
    }
    return appended
  }
}
