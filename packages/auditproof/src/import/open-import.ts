/**
 * An import, opened: sources in, events out, in the order of the sources. What the caller still does is record them
 * (`runImport`). Nothing is read before the first event is asked for.
 */
import { AuditError } from '../errors.ts'
import type { EventInput } from '../event/event.ts'
import { Fields } from './fields.ts'
import { readRepository } from './git-repository.ts'
import { importedId, type RecordIdentity } from './identity.ts'
import { openKind, type ImportKind, type Kind } from './kinds.ts'
import { importLimits } from './limits.ts'
import type { Mapped } from './mapped.ts'
import type { Mapping } from './mapping.ts'
import { keepOriginal, type Original } from './original.ts'
import type { MalformedLine, RawRecord } from './records.ts'
import { SharedIds } from './shared-ids.ts'
import { readBytes } from './source-bytes.ts'
import { isDirectory, listFiles } from './source-files.ts'
import { isPathPattern, parseTenantFrom, type TenantOf } from './tenant.ts'

export interface ImportOptions {
  kind: ImportKind
  /** What members and columns mean, for NDJSON and CSV. */
  mapping?: Mapping | undefined
  /** Paths of files or folders, `-` for standard input; for `git` also repositories. */
  sources: readonly string[]
  /** The tenant of every event. */
  tenant?: string | undefined
  /** Where a record says its tenant: see `parseTenantFrom`. */
  tenantFrom?: string | undefined
  /** At least 32 secret bytes that stay the same: with another key the same events come in a second time. */
  importKey: Uint8Array
  /**
   * Which source of its kind, where ids are unique only within one: part of every id. Commits have their
   * repository's name; given here, it is the name of a repository that is read.
   */
  instance?: string | undefined
  /** Read for the source `-`. */
  stdin?: AsyncIterable<Uint8Array> | undefined
}

/** `line` counts from 1; in a repository it is the number of the commit, oldest first. */
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

/**
 * @throws AuditError `usage`, `key_malformed` at once; `input_malformed` while reading, for a source that cannot be
 * read. A line that cannot be read is an item.
 */
export function openImport(options: ImportOptions): AsyncGenerator<ImportItem, void> {
  const { kind, mapping, sources, importKey } = options
  const opened = openKind(kind, mapping)
  if (sources.length === 0)
    throw new AuditError('usage', 'There is no source to import.', {
      hint: 'name files or folders, or - for standard input',
    })
  if (importKey.length < importLimits.importKeyBytesMin)
    throw new AuditError(
      'key_malformed',
      `The import key has ${importKey.length} bytes, not ${importLimits.importKeyBytesMin}.`,
    )
  return readItems({ ...options, opened, tenantOf: chooseTenant(options), sharedIds: new SharedIds() })
}

/** The options, and what is made of them. */
interface Opened extends ImportOptions {
  opened: Kind
  tenantOf: TenantOf | undefined
  sharedIds: SharedIds
}

function chooseTenant({ kind, tenant, tenantFrom }: ImportOptions): TenantOf | undefined {
  if (tenant !== undefined && tenantFrom !== undefined)
    throw new AuditError('usage', '--tenant and --tenant-from exclude each other.', { hint: 'give one of them' })
  if (tenant !== undefined) {
    if (tenant === '') throw new AuditError('usage', '--tenant is empty.', { hint: 'name a tenant, or leave it out' })
    return () => tenant
  }
  if (tenantFrom === undefined) return undefined
  if (isPathPattern(tenantFrom) && kind !== 'git')
    throw new AuditError('usage', `--tenant-from ${tenantFrom} reads the files of commits, and this imports ${kind}.`, {
      hint: 'use a JSON pointer, as in --tenant-from /recipientAccountId',
    })
  return parseTenantFrom(tenantFrom)
}

async function* readItems(options: Opened): AsyncGenerator<ImportItem, void> {
  const { sources, kind, opened, instance, stdin } = options
  for (const named of sources) {
    const isRepository = kind === 'git' && (await isDirectory(named))
    for await (const source of isRepository ? [named] : listFiles([named], opened.fileName)) {
      const records = isRepository ? readCommits(source, instance) : opened.read(readBytes(source, stdin), source)
      for await (const record of records) yield toItem(options, source, record)
    }
  }
}

/** A commit's original is its record, written as commit NDJSON writes it. */
async function* readCommits(path: string, repo: string | undefined): AsyncGenerator<RawRecord> {
  let number = 0
  for await (const commit of readRepository(path, repo)) {
    const text = JSON.stringify(commit)
    yield { number: ++number, bytes: Buffer.from(text, 'utf8'), text, value: { ...commit } }
  }
}

function toItem(options: Opened, source: string, record: RawRecord | MalformedLine): ImportItem {
  const line = record.number
  if ('reason' in record) return { malformed: { source, line, reason: record.reason } }
  const { opened, tenantOf } = options
  const fields = new Fields(record.value)
  const reason = opened.problem(fields)
  if (reason !== undefined) return { malformed: { source, line, reason } }
  const mapped = opened.map(fields)
  const tenant = tenantOf && { tenant: tenantOf(fields) }
  const { eventsPerRecordMax } = importLimits
  if (mapped.length > eventsPerRecordMax)
    return {
      malformed: { source, line, reason: `it holds ${mapped.length} events, the limit is ${eventsPerRecordMax}` },
    }
  const original = keepOriginal(record.text, record.bytes)
  const events = mapped.map((one) => toEvent(options, record, original, one, tenant))
  return { source, line, events, notMapped: fields.notTaken() }
}

/** @param asked the tenant that the options say; undefined where they say nothing of it */
function toEvent(
  options: Opened,
  record: RawRecord,
  original: Original,
  { action, event, sourceId, instance = options.instance ?? '' }: Mapped,
  asked: { tenant: string | undefined } | undefined,
): ImportedEvent {
  const { opened, importKey, sharedIds } = options
  const isShared = sourceId !== undefined && sharedIds.isShared(JSON.stringify([instance, sourceId]), record.bytes)
  const identity: RecordIdentity =
    sourceId === undefined ? { line: record.bytes } : isShared ? { sourceId, line: record.bytes } : { sourceId }
  return {
    action,
    event: {
      ...event,
      id: importedId(importKey, { kind: opened.identity, instance }, identity),
      // Asked for and not found is not the same as not asked for: a member that is there and undefined sends the
      // event to `_unassigned`, one that is absent to the default tenant.
      ...(asked as { tenant: string } | undefined),
      details: {
        ...event.details,
        ...(isShared && { sharedId: 'the source gave its id to several events' }),
        original,
      },
      origin: { kind: 'import', source: opened.source, ...(sourceId === undefined ? {} : { sourceId }) },
    },
  }
}
