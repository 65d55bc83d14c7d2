/** An import of a table, opened: its rows in the order of their key, then what a file beside it has and it has not. */
import { basename } from 'node:path'
import { AuditError } from '../../errors.ts'
import { SharedIds } from '../shared-ids.ts'
import type { Fields } from '../fields.ts'
import { textOf } from '../foreign.ts'
import { importLimits } from '../limits.ts'
import { noTime, type Mapped } from '../mapped.ts'
import { parseRecord, type RawRecord } from '../records.ts'
import { readTime } from '../times.ts'
import { toItem, type ImportItem, type Taking } from '../to-item.ts'
import { ArchiveMatching, type Left, type Reconciliation } from './archive-matching.ts'
import { mapRow, type TableKind } from './table-kind.ts'
import { checkColumns, tableKinds, type TableKindName } from './table-kinds.ts'
import type { SourceTable } from './source-table.ts'

export interface TableImportOptions {
  like: TableKindName
  table: SourceTable
  /** In place of the name that the table has: see `SourceTable.instance`. */
  instance?: string | undefined
  /** Of rows that name none. */
  tenant?: string | undefined
  /** At least 32 secret bytes that stay the same: with another key the same rows come in a second time. */
  importKey: Uint8Array
  /** The mail archive's files, told apart from its table and imported where the table lacks them. */
  jsonl?: readonly string[] | undefined
  /** Aborted: the files are read no further. Rows end when the table is closed. */
  signal?: AbortSignal | undefined
}

export interface TableImport {
  records: AsyncGenerator<ImportItem, void>
  /** What the files and the table disagree in; undefined before the end, and where there are no files. */
  reconciliation(): Reconciliation | undefined
}

/** @throws AuditError `usage` where the columns are not those of the kind; `key_malformed` */
export function openTableImport(options: TableImportOptions): TableImport {
  const { like, table, importKey, jsonl = [], tenant } = options
  const kind = tableKinds[like]
  checkColumns(kind, table.columns, table.where)
  if (jsonl.length > 0 && like !== 'mailarchive')
    throw new AuditError('usage', '--jsonl is for the mail archive.', { hint: 'leave it out, or --like mailarchive' })
  if (importKey.length < importLimits.importKeyBytesMin)
    throw new AuditError(
      'key_malformed',
      `The import key has ${importKey.length} bytes, not ${importLimits.importKeyBytesMin}.`,
    )
  const instance = options.instance ?? table.instance
  const saysTenant = table.columns.includes('tenant_id') || tenant !== undefined
  const taking = {
    importKey,
    instance,
    tenantOf: saysTenant ? (row: Fields) => row.text('tenant_id') ?? tenant : undefined,
    sharedIds: new SharedIds(),
  }
  let found: Reconciliation | undefined
  async function* read(): AsyncGenerator<ImportItem, void> {
    const matching = jsonl.length > 0 ? new ArchiveMatching(jsonl, options.signal) : undefined
    await matching?.readFiles()
    if (options.signal?.aborted === true) return
    yield* readRows(table, kind, taking, instance, matching)
    if (matching === undefined) return
    const rest = matching.rest()
    let next = await rest.next()
    for (; next.done !== true; next = await rest.next()) yield itemOfLine(kind, next.value, taking, instance)
    found = next.value
  }
  return { records: read(), reconciliation: () => found }
}

type Same = Omit<Taking, 'kind'>

async function* readRows(
  table: SourceTable,
  kind: TableKind,
  same: Same,
  instance: string,
  matching: ArchiveMatching | undefined,
): AsyncGenerator<ImportItem> {
  const map = (row: Fields): Mapped[] => [mapRow(kind, row, instance)]
  const taking = { ...same, kind: { identity: `table:${kind.name}`, source: kind.name, problem: () => undefined, map } }
  let number = 0
  for await (const line of table.rows()) {
    // The first line of a file may begin with a byte order mark; that of a table never does.
    const record = parseRecord({ number: ++number, bytes: Buffer.from(line, 'utf8') })
    if ('reason' in record) yield toItem(taking, instance, record)
    else {
      const id = textOf(record.value['id']) ?? ''
      matching?.row(id, record.value)
      yield toItem(taking, `${instance} id ${id}`, record)
    }
  }
}

/** Marked with a source of its own: the file says so, and nothing else does. */
function itemOfLine(kind: TableKind, left: Left, same: Same, instance: string): ImportItem {
  const { file, line, key, nth } = left
  const source = `${kind.name}-jsonl`
  const identity = nth === 1 ? { line: Buffer.from(key) } : { sourceId: String(nth), line: Buffer.from(key) }
  const from = { sourceId: `${basename(file)}:${line}`, identity }
  const map = (row: Fields): Mapped[] => [{ ...mapLeft(kind, left, row, instance), ...from }]
  const taking = { ...same, kind: { identity: `table:${source}`, source, problem: () => undefined, map } }
  return toItem(taking, file, recordOf(left))
}

function recordOf(left: Left): RawRecord {
  if ('piece' in left) {
    const { text, record = {} } = left.piece
    return { number: left.line, bytes: Buffer.from(text, 'utf8'), text, value: record }
  }
  const bytes = left.bytes ?? new Uint8Array()
  return { number: left.line, bytes, text: Buffer.from(bytes).toString('utf8'), value: {} }
}

function mapLeft(kind: TableKind, left: Left, row: Fields, instance: string): Mapped {
  if ('piece' in left && left.piece.record !== undefined) return mapRow(kind, row, instance)
  const text = recordOf(left).text
  const { occurredAt } = readTime(/^\{"timestamp":"([^"]*)"/.exec(text)?.[1])
  return {
    action: `${kind.name}.torn_line`,
    event: {
      occurredAt: occurredAt === '' ? noTime : occurredAt,
      outcome: 'unknown',
      details: {
        importedFrom: instance,
        ...('piece' in left ? {} : { reason: left.reason, base64: Buffer.from(left.bytes ?? []).toString('base64') }),
      },
    },
  }
}
