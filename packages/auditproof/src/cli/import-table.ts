/** `auditproof import table`: the audit table of another system, and the file that the mail archive kept beside its own. */
import { AuditError } from '../errors.ts'
import {
  differs,
  isDatabaseUrl,
  openPostgresTable,
  openSqliteTable,
  openTableImport,
  shownUrl,
  tableKindNames,
  tableKinds,
  type ImportReport,
  type Reconciliation,
  type SourceTable,
  type TableImport,
} from '../import/index.ts'
import { openSecret } from '../sequencer/key-file.ts'
import { openReadOnly } from '../store/sqlite/open-read-only.ts'
import type { Cli } from './cli.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { parseChoice } from './flag-values.ts'
import { importInto } from './import-run.ts'
import { summaryOf } from './import-summary.ts'
import { refuseMissing } from './input.ts'
import { onInterruption } from './interruption.ts'
import { reconciliationText } from './reconciliation-text.ts'
import { terminalJson } from './terminal.ts'
import { withAudit } from './trail.ts'

export interface TableOptions {
  like?: string
  table?: string
  jsonl?: string[]
  instance?: string
  json?: boolean
}

export async function importTable(sources: readonly string[], options: TableOptions, cli: Cli): Promise<ExitCode> {
  const { io } = cli
  const { tenant, ...globals } = cli.globals()
  const places = cli.places()
  const { instance, jsonl = [] } = options
  const like = parseChoice('--like', likeOf(options), tableKindNames)
  const source = onlySource(sources)
  if (jsonl.includes('-'))
    throw new AuditError('usage', '--jsonl reads its file twice, and standard input can be read once.', {
      hint: 'write it to a file, and name that',
    })
  refuseMissing(jsonl)
  const table = await openTable(source, like === 'embedded', options.table ?? tableKinds[like].table)
  const interruption = onInterruption()
  const open = (importKey: Uint8Array): TableImport =>
    openTableImport({ like, table, instance, tenant, importKey, jsonl, signal: interruption.signal })
  try {
    open(new Uint8Array(32)) // wrong options are told before anything is made
    const [report, found] = await withAudit(places, globals, io, async (audit) => {
      await audit.ready() // makes a new store, and the key with it
      const { records, reconciliation } = open(openSecret(places.importKeyPath, 'refuse'))
      const shown = [isDatabaseUrl(source) ? shownUrl(source) : source, instance ?? table.instance, ...jsonl]
      const run = {
        kind: `table ${like}`,
        sources: shown,
        records,
        interruption,
        nameOf: ({ source }: NamedRow) => source,
      }
      return [await importInto(audit, run, io), reconciliation()] as const
    })
    await io.write(
      options.json === true
        ? `${terminalJson({ ...report, ...(found && { reconciliation: found }) })}\n`
        : textOf(report, found),
    )
    if (report.interrupted) io.note('Interrupted; import again to go on.', 'yellow')
    else if (options.json !== true && report.imported > 0 && io.notesAreSeen)
      io.note('  → auditproof log, auditproof verify')
    if (report.interrupted) return interruption.exitCode
    return found !== undefined && differs(found) ? exitCodes.tampered : exitCodes.ok
  } finally {
    interruption.end()
    await table.close()
  }
}

interface NamedRow {
  source: string
}

const textOf = (report: ImportReport, found: Reconciliation | undefined): string =>
  summaryOf(report) + (found === undefined ? '' : reconciliationText(found))

function likeOf({ like }: TableOptions): string {
  if (like !== undefined) return like
  throw new AuditError('usage', 'import table needs to know whose table it is.', {
    hint: `--like ${tableKindNames.join(', ')}`,
  })
}

function onlySource(sources: readonly string[]): string {
  const [source, ...others] = sources
  if (source !== undefined && others.length === 0) return source
  throw new AuditError('usage', 'import table reads one table at a time.', {
    hint: 'name one database; files of the mail archive are named with --jsonl FILE',
  })
}

/** Which of both it is follows from the system: only the embedded one has a file. */
async function openTable(source: string, isFile: boolean, table: string): Promise<SourceTable> {
  if (isFile) {
    if (isDatabaseUrl(source))
      throw new AuditError('usage', 'The embedded audit lies in an SQLite file, not on a server.', {
        hint: 'name the file: auditproof import table FILE.db --like embedded',
      })
    return openSqliteTable(source, table, (path) => openReadOnly(path).db)
  }
  if (isDatabaseUrl(source)) return openPostgresTable(source, table)
  throw new AuditError('usage', 'This table lies in a PostgreSQL database.', {
    hint: 'name its address: postgres://USER@HOST/DATABASE; only --like embedded reads a file',
  })
}
