/** From a record to the events that are recorded: their ids, tenants, origins and the original. One way for all sources. */
import type { EventInput } from '../event/event.ts'
import { Fields } from './fields.ts'
import { importedId, type RecordIdentity } from './identity.ts'
import type { Kind } from './kinds.ts'
import { importLimits } from './limits.ts'
import type { Mapped } from './mapped.ts'
import { keepOriginal, type Original } from './original.ts'
import type { MalformedLine, RawRecord } from './records.ts'
import type { SharedIds } from './shared-ids.ts'
import type { TenantOf } from './tenant.ts'

/** `line` counts from 1; in a repository it is the number of the commit, oldest first; in a table that of the row. */
export interface Place {
  source: string
  line: number
}

export interface ImportedEvent {
  action: string
  event: EventInput
}

export interface ImportedRecord extends Place {
  /** At least one. */
  events: ImportedEvent[]
  /** Names of members that the mapping did not read: they stand in the original alone. */
  notMapped: string[]
}

export interface MalformedRecord extends Place {
  reason: string
}

export type ImportItem = ImportedRecord | { malformed: MalformedRecord }

/** What is the same for all records of a source. */
export interface Taking {
  kind: Pick<Kind, 'identity' | 'source' | 'problem' | 'map'>
  importKey: Uint8Array
  instance: string | undefined
  /** Undefined where nothing is said of it: the default tenant. */
  tenantOf: TenantOf | undefined
  sharedIds: SharedIds
}

export function toItem(taking: Taking, source: string, record: RawRecord | MalformedLine): ImportItem {
  const line = record.number
  if ('reason' in record) return { malformed: { source, line, reason: record.reason } }
  const { kind, tenantOf } = taking
  const fields = new Fields(record.value)
  const reason = kind.problem(fields)
  if (reason !== undefined) return { malformed: { source, line, reason } }
  const mapped = kind.map(fields)
  const tenant = tenantOf && { tenant: tenantOf(fields) }
  const { eventsPerRecordMax } = importLimits
  if (mapped.length > eventsPerRecordMax)
    return {
      malformed: { source, line, reason: `it holds ${mapped.length} events, the limit is ${eventsPerRecordMax}` },
    }
  const original = keepOriginal(record.text, record.bytes)
  const events = mapped.map((one) => toEvent(taking, record, original, one, tenant))
  return { source, line, events, notMapped: fields.notTaken() }
}

/** @param asked the tenant that the options say; undefined where they say nothing of it */
function toEvent(
  taking: Taking,
  record: RawRecord,
  original: Original,
  { action, event, sourceId, instance = taking.instance ?? '', identity }: Mapped,
  asked: { tenant: string | undefined } | undefined,
): ImportedEvent {
  const { kind, importKey, sharedIds } = taking
  const isShared =
    identity === undefined &&
    sourceId !== undefined &&
    sharedIds.isShared(JSON.stringify([instance, sourceId]), record.bytes)
  const own: RecordIdentity =
    sourceId === undefined ? { line: record.bytes } : isShared ? { sourceId, line: record.bytes } : { sourceId }
  return {
    action,
    event: {
      ...event,
      id: importedId(importKey, { kind: kind.identity, instance }, identity ?? own),
      // Asked for and not found is not the same as not asked for: a member that is there and undefined sends the
      // event to `_unassigned`, one that is absent to the default tenant.
      ...(asked as { tenant: string } | undefined),
      details: {
        ...event.details,
        ...(isShared && { sharedId: 'the source gave its id to several events' }),
        original,
      },
      origin: { kind: 'import', source: kind.source, ...(sourceId === undefined ? {} : { sourceId }) },
    },
  }
}
