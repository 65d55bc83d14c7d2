/** What an erasure leaves of an event's content. Pure, the same for every driver. */
import { AuditError } from '../errors.ts'
import {
  decodeDisclosure,
  decodeEntry,
  groups,
  laterSearchKeys,
  openDisclosures,
  searchKeys,
  summaryOf,
  type Group,
  type Summary,
} from '../event/index.ts'
import { storeLimits } from './limits.ts'
import type { Erasure } from './store.ts'

/** The record of what was destroyed or begun must outlive everything. */
const neverErased = new Set(['audit.erase', 'log.create', 'store.rollback-accepted'])

export function checkErasure({ items }: Erasure): void {
  if (items.length === 0 || items.length > storeLimits.eraseEventsMax)
    throw new AuditError(
      'erase_refused',
      `An erasure takes 1 to ${storeLimits.eraseEventsMax} events, not ${items.length}.`,
    )
  for (const { index, groups: erased } of items)
    if (erased.length === 0 || erased.some((group) => !groups.includes(group)))
      throw new AuditError('erase_refused', `Index ${index}: ${JSON.stringify(erased)} are no disclosure groups.`)
}

export interface ErasedContent {
  disclosures: string[]
  summary: Summary
  /** What it is not found by any more; it is now found by `erasedKey`. */
  lostKeys: string[]
}

/** @throws AuditError `erase_refused` */
export function contentAfterErasing(
  index: number,
  entryBytes: Uint8Array | undefined,
  disclosures: readonly string[],
  erased: readonly Group[],
): ErasedContent {
  if (entryBytes === undefined) throw new AuditError('erase_refused', `There is no event at index ${index}.`)
  const entry = decodeEntry(entryBytes)
  if (neverErased.has(entry.action))
    throw new AuditError('erase_refused', `The event at index ${index} is ${entry.action}, which is never erased.`)
  const kept = disclosures.filter((text) => {
    const { group } = decodeDisclosure(text)
    return !erased.includes(group ?? 'changes') // a disclosure without a group is a single change
  })
  const values = openDisclosures(entry.digests, kept).values
  const left = new Set([...searchKeys(entry, values), ...laterSearchKeys(entry, values)])
  const before = openDisclosures(entry.digests, disclosures).values
  const lost = [...searchKeys(entry, before), ...laterSearchKeys(entry, before)].filter((key) => !left.has(key))
  return { disclosures: kept, summary: summaryOf(entry, values), lostKeys: [...new Set(lost)] }
}
