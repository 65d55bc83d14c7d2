/**
 * An import, opened: sources in, events out, in the order of the sources. What the caller still does is record them
 * (`runImport`). Nothing is read before the first event is asked for.
 */
import { AuditError } from '../errors.ts'
import type { EventInput } from '../event/event.ts'
import type { JsonObject } from '../event/json.ts'
import { splitCloudTrail, type Piece } from './cloudtrail-file.ts'
import { cloudTrailProblem, mapCloudTrail } from './cloudtrail.ts'
import { commitProblem, mapCommit } from './git-commit.ts'
import { readRepository } from './git-repository.ts'
import { importedId } from './identity.ts'
import { importLimits } from './limits.ts'
import { splitLines } from './lines.ts'
import type { Mapped } from './mapped.ts'
import { mapNdjson, ndjsonProblem } from './ndjson.ts'
import { keepOriginal } from './original.ts'
import { parseRecord, type MalformedLine, type RawRecord } from './records.ts'
import { readBytes } from './source-bytes.ts'
import { isDirectory, listFiles } from './source-files.ts'
import { isPathPattern, parseTenantFrom, type TenantOf } from './tenant.ts'

export const importKinds = ['cloudtrail', 'git', 'ndjson'] as const
export type ImportKind = (typeof importKinds)[number]

export interface ImportOptions {
  kind: ImportKind
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

export interface ImportedEvent extends Place {
  action: string
  event: EventInput
}

export interface MalformedRecord extends Place {
  reason: string
}

export type ImportItem = ImportedEvent | { malformed: MalformedRecord }

/**
 * @throws AuditError `usage`, `key_malformed` at once; `input_malformed` while reading, for a source that cannot be
 * read. A line that cannot be read is an item.
 */
export function openImport(options: ImportOptions): AsyncGenerator<ImportItem, void> {
  const { kind, sources, importKey } = options
  if (!importKinds.includes(kind))
    throw new AuditError('usage', `There is no import of ${JSON.stringify(kind)}.`, {
      hint: `Kinds: ${importKinds.join(', ')}.`,
    })
  if (sources.length === 0)
    throw new AuditError('usage', 'There is no source to import.', {
      hint: 'Name files or folders, or - for standard input.',
    })
  if (importKey.length < importLimits.importKeyBytesMin)
    throw new AuditError(
      'key_malformed',
      `The import key has ${importKey.length} bytes, not ${importLimits.importKeyBytesMin}.`,
    )
  const tenantOf = chooseTenant(options)
  return readItems(options, tenantOf)
}

function chooseTenant({ kind, tenant, tenantFrom }: ImportOptions): TenantOf | undefined {
  if (tenant !== undefined && tenantFrom !== undefined)
    throw new AuditError('usage', '--tenant and --tenant-from exclude each other.', { hint: 'Give one of them.' })
  if (tenant !== undefined) {
    if (tenant === '') throw new AuditError('usage', '--tenant is empty.', { hint: 'Name a tenant, or leave it out.' })
    return () => tenant
  }
  if (tenantFrom === undefined) return undefined
  if (isPathPattern(tenantFrom) && kind !== 'git')
    throw new AuditError('usage', `--tenant-from ${tenantFrom} reads the files of commits, and this imports ${kind}.`, {
      hint: 'Use a JSON pointer, as in --tenant-from /recipientAccountId.',
    })
  return parseTenantFrom(tenantFrom)
}

interface Kind {
  /** Why a record is not of this kind; undefined when it is. */
  problem(record: JsonObject): string | undefined
  map(record: JsonObject): Mapped
  split(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Piece>
}

const kinds: { readonly [kind in ImportKind]: Kind } = {
  cloudtrail: { problem: cloudTrailProblem, map: mapCloudTrail, split: (chunks) => splitCloudTrail(chunks) },
  git: { problem: commitProblem, map: mapCommit, split: (chunks) => splitLines(chunks) },
  ndjson: { problem: ndjsonProblem, map: mapNdjson, split: (chunks) => splitLines(chunks) },
}

async function* readItems(options: ImportOptions, tenantOf: TenantOf | undefined): AsyncGenerator<ImportItem, void> {
  for (const named of options.sources) {
    const isRepository = options.kind === 'git' && (await isDirectory(named))
    for await (const source of isRepository ? [named] : listFiles([named])) {
      const records = isRepository ? readCommits(source, options.instance) : readFile(options, source)
      for await (const record of records) yield toItem(options, tenantOf, source, record)
    }
  }
}

async function* readFile(options: ImportOptions, source: string): AsyncGenerator<RawRecord | MalformedLine> {
  for await (const piece of kinds[options.kind].split(readBytes(source, options.stdin))) yield parseRecord(piece)
}

/** A commit's original is its record, written as commit NDJSON writes it. */
async function* readCommits(path: string, repo: string | undefined): AsyncGenerator<RawRecord> {
  let number = 0
  for await (const commit of readRepository(path, repo)) {
    const text = JSON.stringify(commit)
    yield { number: ++number, bytes: Buffer.from(text, 'utf8'), text, value: { ...commit } }
  }
}

function toItem(
  options: ImportOptions,
  tenantOf: TenantOf | undefined,
  source: string,
  record: RawRecord | MalformedLine,
): ImportItem {
  const line = record.number
  if ('reason' in record) return { malformed: { source, line, reason: record.reason } }
  const { kind, importKey } = options
  const reason = kinds[kind].problem(record.value)
  if (reason !== undefined) return { malformed: { source, line, reason } }
  const { action, event, sourceId, instance = options.instance ?? '' } = kinds[kind].map(record.value)
  const tenant = tenantOf === undefined ? event.tenant : tenantOf(record.value)
  const { tenant: _, ...rest } = event
  return {
    source,
    line,
    action,
    event: {
      ...rest,
      id: importedId(importKey, { kind, instance }, sourceId === undefined ? { line: record.bytes } : { sourceId }),
      ...tenantMember(tenant, tenantOf !== undefined),
      details: { ...event.details, original: keepOriginal(record.text, record.bytes) },
      origin: { kind: 'import', source: kind, ...(sourceId === undefined ? {} : { sourceId }) },
    },
  }
}

/**
 * Asked for and not found is not the same as not asked for: a member that is there and undefined sends the event to
 * `_unassigned`, one that is absent to the default tenant.
 */
function tenantMember(tenant: string | undefined, asked: boolean): { tenant?: string } {
  if (tenant !== undefined) return { tenant }
  return asked ? { tenant: undefined as unknown as string } : {}
}
