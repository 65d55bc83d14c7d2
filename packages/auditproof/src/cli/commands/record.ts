import type { Command } from 'commander'
import type { Audit } from '../../audit.ts'
import { AuditError } from '../../errors.ts'
import type { EventInput } from '../../event/index.ts'
import { splitLines } from '../../import/lines.ts'
import { parseRecord, type MalformedLine, type RawRecord } from '../../import/records.ts'
import { readBytes } from '../../import/source-bytes.ts'
import type { Ack } from '../../recorder/ack.ts'
import type { Cli } from '../cli.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { parseActor, parseDetails, parseOutcome, parseTarget } from '../flag-values.ts'
import { refuseMissing } from '../input.ts'
import type { Io } from '../io.ts'
import { plural } from '../progress.ts'
import { recordLines, type RecordCounts } from '../record-lines.ts'
import { terminalJson } from '../terminal.ts'
import { withAudit } from '../trail.ts'

interface Options {
  file?: string
  actor?: string
  target: string[]
  details?: string
  outcome?: string
  reason?: string
  id?: string
}

const examples = `Examples:
  auditproof record case.update --actor user/u_7 --target case/c_12 --details '{"status":"closed"}'
  echo '{"action":"case.update","actor":"user/u_7"}' | auditproof record --file -
  auditproof record --file events.ndjson --tenant lind > acks.ndjson
`

const notes = `
Prints one JSON ack a line, in the order of the events, each when its event is durable.
Lines are at most 1 MiB; one that is no event is named on stderr, the others are recorded, and the exit code is 4.
An event with an id that is there already, with the same content, is acknowledged again and stored once.`

export function define(command: Command, cli: Cli): void {
  command
    .argument('[action]', 'what was done, as entity.verb')
    .option('--file <file>', 'events as NDJSON, each with "action" and whatever else it has; - for standard input')
    .option('--actor <type/id>', 'who: user/…, service/…, system/…, agent/… or anonymous')
    .option('--target <type/id>', 'to what; may be given several times', (text, all: string[]) => [...all, text], [])
    .option('--details <json>', 'a JSON object of your own')
    .option('--outcome <outcome>', 'success (default), failure, denied or unknown')
    .option('--reason <text>', 'why')
    .option('--id <id>', 'identity of the event, so that repeating the command stores it once')
    .addHelpText('before', examples)
    .addHelpText('after', notes)
    .action(async (action: string | undefined, options: Options) => cli.end(await run(action, options, cli)))
}

async function run(action: string | undefined, options: Options, cli: Cli): Promise<ExitCode> {
  const { file } = options
  if ((action === undefined) === (file === undefined))
    throw new AuditError('usage', 'Say either an action or --file.', {
      hint: 'auditproof record case.update --actor user/u_7, or auditproof record --file events.ndjson',
    })
  if (file === undefined) return recordOne(action!, options, cli)
  if (
    options.actor !== undefined ||
    options.target.length > 0 ||
    options.details !== undefined ||
    options.outcome !== undefined ||
    options.reason !== undefined ||
    options.id !== undefined
  )
    throw new AuditError('usage', 'With --file the events say actor, target and the rest themselves.', {
      hint: 'leave the other options out',
    })
  return recordFile(file, cli)
}

async function recordOne(action: string, options: Options, { io, places, globals }: Cli): Promise<ExitCode> {
  const event = eventOf(options)
  const ack = await withAudit(places(), globals(), io, (audit) => audit.record(action, event))
  await io.write(ackLine(ack))
  if (io.notesAreSeen) io.note(`  → auditproof show ${ack.id}`)
  return exitCodes.ok
}

function eventOf({ actor, target, details, outcome, reason, id }: Options): EventInput {
  return {
    ...(actor !== undefined && { actor: parseActor(actor) }),
    ...(target.length > 0 && { targets: target.map((text) => parseTarget('--target', text)) }),
    ...(details !== undefined && { details: parseDetails(details) }),
    ...(outcome !== undefined && { outcome: parseOutcome(outcome) }),
    ...(reason !== undefined && { reason }),
    ...(id !== undefined && { id }),
  }
}

async function recordFile(file: string, { io, places, globals }: Cli): Promise<ExitCode> {
  refuseMissing([file])
  if (file === '-' && process.stdin.isTTY)
    io.note('Reading events from the terminal, one JSON object a line; Ctrl-D ends.')
  // Who reads the acks may go; the events must be recorded all the same.
  io.keepGoingUnread()
  const counts = await withAudit(places(), globals(), io, async (audit) => {
    const counted = await recordLines({
      lines: linesOf(file),
      record: (action, event) => audit.record(action, event),
      onAck: (ack) => io.write(ackLine(ack)),
      onRefused: (line, reason) => io.note(`line ${line}: ${reason}`, 'yellow'),
    })
    if (counted.recorded > 0) noteFlags(audit, io)
    return counted
  })
  if (io.notesAreSeen || counts.refused > 0) io.note(summaryOf(counts))
  return counts.refused > 0 ? exitCodes.unreadable : exitCodes.ok
}

async function* linesOf(file: string): AsyncGenerator<RawRecord | MalformedLine> {
  for await (const line of splitLines(readBytes(file))) yield parseRecord(line)
}

/** Nothing is mended in silence. */
function noteFlags(audit: Audit, io: Io): void {
  const flags = Object.entries(audit.health().flags)
  if (flags.length > 0)
    io.note(
      `! recorded, but not all as given: ${flags.map(([flag, count]) => `${flag} ${count}`).join(', ')} (origin.flags says which)`,
      'yellow',
    )
}

const summaryOf = ({ recorded, duplicates, refused }: RecordCounts): string =>
  `${plural(recorded, 'event')} recorded${duplicates > 0 ? `, ${plural(duplicates, 'duplicate')}` : ''}${refused > 0 ? `, ${plural(refused, 'line')} not: see above` : ''}`

const ackLine = (ack: Ack): string => `${terminalJson(ack)}\n`
