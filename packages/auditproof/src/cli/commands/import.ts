import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { Command } from 'commander'
import type { Audit } from '../../audit.ts'
import { AuditError } from '../../errors.ts'
import type { EventInput } from '../../event/index.ts'
import {
  importKinds,
  openImport,
  parseMapping,
  runImport,
  type ImportCounts,
  type ImportKind,
  type ImportReport,
  type Mapping,
} from '../../import/index.ts'
import { openSecret } from '../../sequencer/key-file.ts'
import type { Cli } from '../cli.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { parseChoice } from '../flag-values.ts'
import { summaryOf } from '../import-summary.ts'
import { refuseMissing } from '../input.ts'
import type { Io } from '../io.ts'
import { onInterruption, type Interruption } from '../interruption.ts'
import { openProgress, plural, rateSince, type Progress } from '../progress.ts'
import { terminalJson } from '../terminal.ts'
import { withAudit } from '../trail.ts'

interface Options {
  tenantFrom?: string
  map?: string
  instance?: string
  json?: boolean
}

const examples = `Examples:
  auditproof import cloudtrail ./logs --tenant-from /recipientAccountId
  auditproof import k8s audit.log --tenant-from /objectRef/namespace
  auditproof import git commits.ndjson.gz --tenant-from 'path:namespaces/*/{tenant}/'
  auditproof import csv tickets.csv --map tickets.map.json
  zcat events.ndjson.gz | auditproof import ndjson -
`

const notes = `
Sources are files or folders, plain or gzipped, one JSON object a line; - is standard input; for git also repositories.
ndjson without --map are events of our own; --map FILE says what members or columns mean (docs/command-line.md).
Importing again is safe: what is there already counts as duplicates. The original of each line is kept.
Lines that cannot be read are named on stderr and skipped; the exit code stays 0, the count tells.
Ctrl-C stops in order: importing again goes on where it stopped.`

export function define(command: Command, cli: Cli): void {
  command
    .argument('<kind>', importKinds.join(', '))
    .argument('<source...>', 'files, folders, repositories, or -')
    .option('--tenant-from <spec>', 'where a record says its tenant: a JSON pointer, or path:… for commits')
    .option('--map <file>', 'what the members of NDJSON, or the columns of CSV, mean')
    .option('--instance <name>', 'which source of its kind, where ids are unique only within one')
    .option('--json', 'print the counts as JSON, with every member that is not mapped')
    .addHelpText('before', examples)
    .addHelpText('after', notes)
    .action(async (kind: string, sources: string[], options: Options) =>
      cli.end(await run(kind, sources, options, cli)),
    )
}

async function run(
  kindText: string,
  sources: string[],
  { tenantFrom, map, instance, json }: Options,
  cli: Cli,
): Promise<ExitCode> {
  const { io } = cli
  const kind = parseChoice('import', kindText, importKinds)
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

interface Run {
  kind: ImportKind
  sources: string[]
  records: ReturnType<typeof openImport>
  interruption: Interruption
}

async function importInto(audit: Audit, { kind, sources, records, interruption }: Run, io: Io): Promise<ImportReport> {
  const progress = openProgress(io)
  const began = Date.now()
  let counted: ImportCounts = { read: 0, imported: 0, duplicates: 0, malformed: 0 }
  try {
    const report = await runImport({
      records,
      signal: interruption.signal,
      record: (action, event) => recordWithRoom(audit, action, event),
      onProgress(now) {
        counted = now
        progress.show(
          `importing: ${plural(now.read, 'record')}, ${rateSince(began, now.read, Date.now())}, ${plural(now.duplicates, 'duplicate')}, ${now.malformed} malformed`,
        )
      },
      onMalformed: ({ source, line, reason }) => {
        progress.end()
        io.note(`${source}:${line}: ${reason}`, 'yellow')
      },
    })
    if (!report.interrupted) await finishIndex(audit, interruption.signal, progress)
    return report
  } finally {
    progress.end()
    if (counted.imported > 0) await recordRun(audit, { kind, sources, counts: counted })
  }
}

/** What was just imported is what somebody will search. */
async function finishIndex(audit: Audit, signal: AbortSignal, progress: Progress): Promise<void> {
  const { store } = await audit.opened()
  for (let left = 1; left > 0 && !signal.aborted;) {
    left = await store.buildIndex()
    progress.show(`indexing words: ${plural(left, 'event')} left`)
  }
}

/** An import says of itself that it ran; a second one that brings nothing new leaves no trace. */
async function recordRun(audit: Audit, run: { kind: string; sources: string[]; counts: ImportCounts }): Promise<void> {
  const { kind, sources, counts } = run
  await audit.system.record('import.run', {
    details: { kind, sources: sources.slice(0, 20), by: userInfo().username, ...counts },
  })
}

const roomAfterMs = 20

/** The queue is bounded in size, and large events fill it before the count of those under way does. */
async function recordWithRoom(audit: Audit, action: string, event: EventInput): Promise<{ duplicate: boolean }> {
  for (;;)
    try {
      const { duplicate } = await audit.record(action, event)
      return { duplicate: duplicate === true }
    } catch (error) {
      if (!(error instanceof AuditError && error.code === 'queue_full')) throw error
      await new Promise((resolve) => setTimeout(resolve, roomAfterMs))
    }
}
