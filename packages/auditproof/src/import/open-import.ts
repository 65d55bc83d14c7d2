/**
 * An import, opened: sources in, events out, in the order of the sources. What the caller still does is record them
 * (`runImport`). Nothing is read before the first event is asked for.
 */
import { AuditError } from '../errors.ts'
import { readRepository } from './git-repository.ts'
import { openKind, type ImportKind, type Kind } from './kinds.ts'
import { importLimits } from './limits.ts'
import type { Mapping } from './mapping.ts'
import type { RawRecord } from './records.ts'
import { SharedIds } from './shared-ids.ts'
import { readBytes } from './source-bytes.ts'
import { isDirectory, listFiles } from './source-files.ts'
import { isPathPattern, parseTenantFrom, type TenantOf } from './tenant.ts'
import { toItem, type ImportItem, type Taking } from './to-item.ts'

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
  const { instance } = options
  const taking = { kind: opened, importKey, instance, tenantOf: chooseTenant(options), sharedIds: new SharedIds() }
  return readItems({ ...options, opened, taking })
}

/** The options, and what is made of them. */
interface Opened extends ImportOptions {
  opened: Kind
  taking: Taking
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
  const { sources, kind, opened, taking, instance, stdin } = options
  for (const named of sources) {
    const isRepository = kind === 'git' && (await isDirectory(named))
    for await (const source of isRepository ? [named] : listFiles([named], opened.fileName)) {
      const records = isRepository ? readCommits(source, instance) : opened.read(readBytes(source, stdin), source)
      for await (const record of records) yield toItem(taking, source, record)
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
