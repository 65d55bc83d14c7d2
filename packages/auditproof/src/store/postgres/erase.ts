/** Erasing content inside an open transaction of the eraser. */
import { AuditError } from '../../errors.ts'
import { erasedKey, parseJson, type TakenSubmission } from '../../event/index.ts'
import { splitDisclosures } from '../content-row.ts'
import { checkErasure, contentAfterErasing } from '../erasing.ts'
import type { Erasure } from '../store.ts'
import { contentColumns } from './append-rows.ts'
import type { Appended, Appender } from './append.ts'
import type { Tx } from './transaction.ts'
import { waitForIndexLock } from './index-lock.ts'
import { insertKeys, removeKeys, type KeyChange } from './postings.ts'

export class Eraser {
  readonly #appender: Appender

  constructor(appender: Appender) {
    this.#appender = appender
  }

  async erase(tx: Tx, erasure: Erasure): Promise<Appended> {
    checkErasure(erasure)
    await waitForIndexLock(tx)
    const [found] = await tx.rows<{ log: number }>('SELECT log FROM auditproof.log WHERE tenant = $1', erasure.tenant)
    if (found === undefined)
      throw new AuditError('erase_refused', `There is no tenant ${JSON.stringify(erasure.tenant)}.`)
    // 1. The record of it. If we die before the commit, neither it nor the erasure has happened.
    const appended = await this.#appender.appendEach(tx, [parseJson(erasure.submission) as TakenSubmission])
    const [outcome] = appended.outcomes
    if (outcome?.state !== 'stored' || outcome.tenant !== erasure.tenant) {
      const why = outcome?.state === 'rejected' ? outcome.message : 'its event belongs to another tenant.'
      throw new AuditError('erase_refused', `The erasure could not be recorded: ${why}`)
    }
    if (outcome.duplicate) return appended
    // 2. The content goes. What is left of it is written anew: rows are never changed in place.
    await eraseItems(tx, found.log, outcome.index, erasure.items)
    return appended
  }
}

async function eraseItems(tx: Tx, log: number, by: number, items: Erasure['items']): Promise<void> {
  const stored = await tx.rows<{ idx: number; month: string; entry: string; disclosures: string | null }>(
    `SELECT idx, month, entry, disclosures FROM auditproof.entry LEFT JOIN auditproof.content USING (log, idx, month)
     WHERE log = $1 AND idx = ANY($2)`,
    log,
    items.map(({ index }) => index),
  )
  const rows = new Map(stored.map((row) => [row.idx, row]))
  const lost: KeyChange[] = []
  const erasures: object[] = []
  const contents = new Map<number, object>()
  for (const { index, groups } of items) {
    const row = rows.get(index)
    const disclosures = splitDisclosures(row?.disclosures ?? '')
    const left = contentAfterErasing(index, row && Buffer.from(row.entry), disclosures, groups)
    if (row !== undefined) row.disclosures = left.disclosures.join('~') // where an index is named twice
    for (const group of groups) erasures.push({ idx: index, group })
    contents.set(index, {
      idx: index, month: row!.month, ...contentColumns(left.summary), disclosures: left.disclosures.join('~'),
    }) // prettier-ignore
    for (const key of left.lostKeys) lost.push({ index, key })
  }
  await tx.rows(
    `INSERT INTO auditproof.erasure (log, idx, disclosure_group, by_idx)
     SELECT $1, idx, "group", $3 FROM json_to_recordset($2) AS r (idx bigint, "group" text)
     ON CONFLICT (log, idx, disclosure_group) DO NOTHING`,
    log,
    JSON.stringify(erasures),
    by,
  )
  await tx.rows('DELETE FROM auditproof.content WHERE log = $1 AND idx = ANY($2)', log, [...contents.keys()])
  await tx.rows(
    `INSERT INTO auditproof.content (month, log, idx, occurred_at, recorded_at, action, outcome, severity,
       actor, actor_name, target, target_name, disclosures)
     SELECT month, $1, idx, occurred_at, recorded_at, action, outcome, severity,
       actor, actor_name, target, target_name, disclosures
     FROM json_to_recordset($2) AS r (month date, idx bigint, occurred_at text, recorded_at text, action text, outcome text,
       severity text, actor text, actor_name text, target text, target_name text, disclosures text)`,
    log,
    JSON.stringify([...contents.values()]),
  )
  await removeKeys(tx, log, lost)
  await insertKeys(
    tx,
    log,
    items.map(({ index }) => ({ index, key: erasedKey })),
  )
}
