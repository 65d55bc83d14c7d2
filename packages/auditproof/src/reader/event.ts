/** One event as people and programs read it: the entry, what of it is disclosed, and where it stands. */
import { AuditError } from '../errors.ts'
import { decodeEntry, eventMembers, openDisclosures, type AuditEvent, type Entry, type Group } from '../event/index.ts'
import { encodeHex, leafHash } from '../log/index.ts'
import type { LogHead, Place, Store, StoredEntry } from '../store/store.ts'

/** Members that are erased are absent, and their groups named. */
export interface ReadEvent extends Partial<Omit<AuditEvent, 'id' | 'tenant'>> {
  id: string
  tenant: string
  /** Origin of the log. */
  log: string
  index: number
  /** Hex, computed from the entry. */
  leafHash: string
  /** Groups of which nothing is stored any more. */
  erased: Group[]
  /** Changes that are erased one by one. */
  erasedChanges?: number
  /** What is stored contradicts itself, in words; `verify` tells the whole of it. */
  problem?: string
}

/** One stored event: how it reads, the bytes it is read from, and the log it stands in. */
export interface FoundEvent {
  event: ReadEvent
  stored: StoredEntry
  head: LogHead
}

export type EventAddress = { id: string; tenant?: string | undefined } | { index: number; tenant: string }

/**
 * @throws AuditError `not_found`; `usage` for an id that several tenants have
 */
export async function readEvent(store: Store, address: EventAddress): Promise<FoundEvent> {
  const { tenant, index } = 'id' in address ? await placeOfId(store, address.id, address.tenant) : address
  const head = await store.headOf(tenant)
  const stored = head && (await store.entries(head.log, index, index + 1))[0]
  if (head === undefined || stored === undefined)
    throw new AuditError('not_found', `Tenant ${JSON.stringify(tenant)} has no event at index ${index}.`, {
      hint: head === undefined ? 'check the name of the tenant' : `its indexes go from 0 to ${head.size - 1}`,
    })
  return { event: openEvent(stored, head), stored, head }
}

async function placeOfId(store: Store, id: string, tenant: string | undefined): Promise<Place> {
  const [place, ...others] = await store.find(id, tenant)
  if (place === undefined)
    throw new AuditError(
      'not_found',
      `There is no event ${JSON.stringify(id)}${tenant === undefined ? '' : ` of tenant ${JSON.stringify(tenant)}`}.`,
      {
        hint: 'ids are unique per tenant; the list shows them',
      },
    )
  if (others.length === 0) return place
  const tenants = [place, ...others].map((one) => JSON.stringify(one.tenant))
  const named = tenants.slice(0, 5).join(', ') + (tenants.length > 5 ? ` and ${tenants.length - 5} more` : '')
  throw new AuditError('usage', `The id ${JSON.stringify(id)} stands in ${tenants.length} logs: of ${named}.`, {
    hint: 'name the tenant',
  })
}

/** Never throws: whoever looks into a tampered trail must see what is there, with the contradiction named. */
export function openEvent(stored: StoredEntry, head: Pick<LogHead, 'tenant' | 'origin'>): ReadEvent {
  const place = {
    id: stored.id,
    tenant: head.tenant,
    log: head.origin,
    index: stored.index,
    leafHash: encodeHex(leafHash(stored.entry)),
  }
  let entry: Entry
  try {
    entry = decodeEntry(stored.entry)
  } catch (error) {
    return { ...place, erased: [], problem: messageOf(error) }
  }
  const { id, action, outcome, severity, occurredAt, recordedAt, producer } = entry
  const clear = { occurredAt, recordedAt, action, outcome, severity, producer }
  try {
    const { values, missing, missingChanges } = openDisclosures(entry.digests, stored.content?.disclosures ?? [])
    const problem =
      encodeHex(stored.leafHash) === place.leafHash ? undefined : 'The stored leaf hash is not that of the entry.'
    return {
      ...place,
      id,
      ...clear,
      ...eventMembers(values),
      erased: missing,
      ...(missingChanges > 0 && { erasedChanges: missingChanges }),
      ...(problem !== undefined && { problem }),
    }
  } catch (error) {
    return { ...place, id, ...clear, erased: [], problem: messageOf(error) }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
