import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { AuditError } from '../../errors.ts'
import {
  importKinds,
  isDatabaseUrl,
  openImport,
  parseMapping,
  tableKindNames,
  type ImportKind,
  type Mapping,
} from '../../import/index.ts'
import { openSecret } from '../../sequencer/key-file.ts'
import type { Cli } from '../cli.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { parseChoice } from '../flag-values.ts'
import { importInto } from '../import-run.ts'
import { summaryOf } from '../import-summary.ts'
import { importTable, type TableOptions } from '../import-table.ts'
import { refuseMissing } from '../input.ts'
import { onInterruption } from '../interruption.ts'
import { terminalJson } from '../terminal.ts'
import { withAudit } from '../trail.ts'

interface Options extends TableOptions {
  tenantFrom?: string
  map?: string
}

const examples = `Examples:
  auditproof import cloudtrail ./logs --tenant-from /recipientAccountId
  auditproof import k8s audit.log --tenant-from /objectRef/namespace
  auditproof import git commits.ndjson.gz --tenant-from 'path:namespaces/*/{tenant}/'
  auditproof import csv tickets.csv --map tickets.map.json
  zcat events.ndjson.gz | auditproof import ndjson -
  auditproof import table postgres://reader@db/app --like lawfirm
`

const notes = `
Sources are files or folders, plain or gzipped, one JSON object a line; - is standard input; for git also repositories.
ndjson without --map are events of our own; --map FILE says what members or columns mean (docs/command-line.md).
table reads the audit table of a system that auditproof replaces: --like says which (docs/import.md).
Importing again is safe: what is there already counts as duplicates. The original of each line is kept.
Lines that cannot be read are named on stderr and skipped; the exit code stays 0, the count tells.
Ctrl-C stops in order: importing again goes on where it stopped.`

const allKinds = [...importKinds, 'table'] as const

const another = (file: string, files: string[] = []): string[] => [...files, file]

export function define(command: Command, cli: Cli): void {
  command
    .argument('<kind>', allKinds.join(', '))
    .argument('<source...>', 'files, folders, repositories, or -; of table a database')
    .option('--tenant-from <spec>', 'where a record says its tenant: a JSON pointer, or path:… for commits')
    .option('--map <file>', 'what the members of NDJSON, or the columns of CSV, mean')
    .option('--instance <name>', 'which source of its kind, where ids are unique only within one')
    .option('--like <kind>', tableKindNames.join(', '))
    .option('--table <name>', 'the table, as SCHEMA.NAME, where it is not called as usual')
    .option('--jsonl <file>', "the mail archive's file, compared with its table; may be given again", another)
    .option('--json', 'print the counts as JSON, with every member that is not mapped')
    .addHelpText('before', examples)
    .addHelpText('after', notes)
    .action(async (kind: string, sources: string[], options: Options) =>
      cli.end(await run(kind, sources, options, cli)),
    )
}

async function run(kindText: string, sources: string[], options: Options, cli: Cli): Promise<ExitCode> {
  const { io } = cli
  const { tenantFrom, map, instance, json } = options
  // Not as it was given in any message: an address may hold a password.
  if (isDatabaseUrl(kindText) || (kindText !== 'table' && sources.some(isDatabaseUrl)))
    throw new AuditError('usage', 'The address of a database is a source of import table.', {
      hint: 'auditproof import table postgres://… --like KIND',
    })
  const kind = parseChoice('import', kindText, allKinds)
  if (kind === 'table') {
    refuseOptions(
      { '--map': map, '--tenant-from': tenantFrom },
      'import table',
      'its columns are known, and --tenant is for rows that name none',
    )
    return importTable(sources, options, cli)
  }
  const { like, table, jsonl } = options
  refuseOptions({ '--like': like, '--table': table, '--jsonl': jsonl }, `import ${kind}`, 'it is for import table')
  const { tenant, ...globals } = cli.globals()
  const places = cli.places()
  refuseMissing(map === undefined ? sources : [map, ...sources])
  const mapping = map === undefined ? undefined : readMapping(kind, map)
  const open = (importKey: Uint8Array): ReturnType<typeof openImport> =>
    openImport({ kind, mapping, sources, tenant, tenantFrom, instance, importKey })
  open(new Uint8Array(32)) // wrong options are told before anything is made
  const interruption = onInterruption()
  const report = await withAudit(places, globals, io, async (audit) => {
    await audit.ready() // makes a new store, and the key with it
    const records = open(openSecret(places.importKeyPath, 'refuse'))
    return importInto(audit, { kind, sources, records, interruption }, io)
  }).finally(() => interruption.end())
  // Nothing more is read from it, and an open input keeps the process.
  if (report.interrupted && sources.includes('-')) process.stdin.destroy()
  await io.write(json === true ? `${terminalJson(report)}\n` : summaryOf(report))
  if (report.interrupted) io.note('Interrupted; import again to go on.', 'yellow')
  else if (json !== true && report.imported > 0 && io.notesAreSeen) io.note('  → auditproof log, auditproof verify')
  return report.interrupted ? interruption.exitCode : exitCodes.ok
}

/** @throws AuditError `usage` */
function refuseOptions(options: { readonly [name: string]: unknown }, command: string, why: string): void {
  const [given] = Object.entries(options).filter(([, value]) => value !== undefined)
  if (given !== undefined) throw new AuditError('usage', `${given[0]} has no meaning for ${command}.`, { hint: why })
}

/** @throws AuditError `usage` */
function readMapping(kind: ImportKind, file: string): Mapping {
  if (kind !== 'ndjson' && kind !== 'csv')
    throw new AuditError('usage', `import ${kind} has a mapping of its own.`, {
      hint: 'leave --map out, or import ndjson or csv with it',
    })
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const says = cause instanceof Error ? cause.message : String(cause)
    throw new AuditError('input_malformed', `The mapping ${file} cannot be read: ${says}.`, {
      hint: 'name a file with one JSON object',
      cause,
    })
  }
  return parseMapping(text, kind, file)
}
