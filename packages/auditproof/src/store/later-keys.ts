/** What an entry is found by behind the log, from its stored bytes. */
import { AuditError } from '../errors.ts'
import { decodeEntry, laterSearchKeys, openDisclosures } from '../event/index.ts'
import { splitDisclosures } from './content-row.ts'

/** @param disclosures as stored; null where the content is gone */
export function laterKeysOf(entry: Uint8Array, disclosures: string | null): string[] {
  if (disclosures === null) return []
  try {
    const clear = decodeEntry(entry)
    return laterSearchKeys(clear, openDisclosures(clear.digests, splitDisclosures(disclosures)).values)
  } catch (error) {
    if (error instanceof AuditError) return [] // it was tampered with, as `verify` says; the others are indexed all the same
    throw error
  }
}
