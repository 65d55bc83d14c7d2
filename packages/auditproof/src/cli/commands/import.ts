import { userInfo } from 'node:os'
import type { Command } from 'commander'
import type { Audit } from '../../audit.ts'
import { AuditError } from '../../errors.ts'
import type { EventInput } from '../../event/index.ts'
import { importKinds, openImport, runImport, type ImportCounts } from '../../import/index.ts'
import { openSecret } from '../../sequencer/key-file.ts'
import type { Cli } from '../cli.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { parseChoice } from '../flag-values.ts'
import { refuseMissing } from '../input.ts'
import { openProgress, plural, rateSince } from '../progress.ts'
import { withAudit } from '../trail.ts'

interface Options {
  tenantFrom?: string
  instance?: string
  json?: boolean
}

const examples = `Examples:
  auditproof import cloudtrail ./logs --tenant-from /recipientAccountId
  auditproof import git ../app --tenant app
  auditproof import git commits.ndjson.gz --tenant-from 'path:namespaces/*/{tenant}/'
  zcat events.ndjson.gz | auditproof import ndjson -
`

const notes = `
Sources are files or folders, plain or gzipped; - is standard input; for git also repositories.
Importing again is safe: what is there already counts as duplicates. The original of each line is kept.
Lines that cannot be read are named on stderr and skipped; the exit code stays 0, the count tells.`

export function define(command: Command, cli: Cli): void {
  command
    .argument('<kind>', importKinds.join(', '))
    .argument('<source...>', 'files, folders, repositories, or -')
    .option('--tenant-from <spec>', 'where a record says its tenant: a JSON pointer, or path:… for commits')
    .option('--instance <name>', 'which source of its kind, where ids are unique only within one')
    .option('--json', 'print the counts as JSON')
    .addHelpText('before', examples)
    .addHelpText('after', notes)
    .action(async (kind: string, sources: string[], options: Options) =>
      cli.end(await run(kind, sources, options, cli)),
    )
}

async function run(
  kindText: string,
  sources: string[],
  { tenantFrom, instance, json }: Options,
  cli: Cli,
): Promise<ExitCode> {
  const { io } = cli
  const kind = parseChoice('import', kindText, importKinds)
  const { tenant, ...globals } = cli.globals()
  const places = cli.places()
  const open = (importKey: Uint8Array): ReturnType<typeof openImport> =>
    openImport({ kind, sources, tenant, tenantFrom, instance, importKey })
  refuseMissing(sources)
  open(new Uint8Array(32)) // wrong options are told before anything is made
  const progress = openProgress(io)
  const began = Date.now()
  const counts = await withAudit(places, globals, io, async (audit) => {
    let counted: ImportCounts = { read: 0, imported: 0, duplicates: 0, malformed: 0 }
    try {
      await audit.ready() // makes a new store, and the key with it
      return await runImport({
        records: open(openSecret(places.importKeyPath, 'refuse')),
        record: (action, event) => recordWithRoom(audit, action, event),
        onProgress(now) {
          counted = now
          progress.show(
            `importing: ${plural(now.read, 'line')}, ${rateSince(began, now.read, Date.now())}, ${plural(now.duplicates, 'duplicate')}, ${now.malformed} malformed`,
          )
        },
        onMalformed: ({ source, line, reason }) => {
          progress.end()
          io.note(`${source}:${line}: ${reason}`, 'yellow')
        },
      })
    } finally {
      progress.end()
      if (counted.imported > 0) await recordRun(audit, { kind, sources, counts: counted })
    }
  })
  await io.write(json === true ? `${JSON.stringify(counts)}\n` : summaryOf(counts))
  if (json !== true && counts.imported > 0 && io.notesAreSeen) io.note('  → auditproof log, auditproof verify')
  return exitCodes.ok
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

const summaryOf = ({ read, imported, duplicates, malformed }: ImportCounts): string =>
  `${plural(read, 'line')} read: ${plural(imported, 'event')} imported, ${plural(duplicates, 'duplicate')}, ${malformed} malformed\n`
