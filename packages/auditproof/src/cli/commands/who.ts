import type { Command } from 'commander'
import { listLimits, sentenceOf, who, type ReadEvent } from '../../reader/index.ts'
import type { Cli } from '../cli.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { parseChoice, parseCount } from '../flag-values.ts'
import { escapeForTerminal, terminalJson } from '../terminal.ts'
import { quoted, refuseNoTenant, withSource } from '../trail.ts'
import { timeText } from '../zone.ts'

interface Options {
  n: string
  output: string
  utc?: boolean
  expect?: boolean
}

const examples = `Examples:
  auditproof who case/c_12                 who deleted it, and what was done to it before
  auditproof who 'Müller ./. Kranz'        by the name it had
`

export function define(command: Command, cli: Cli): void {
  command
    .argument('<target>', 'type/id, an id, or a name')
    .option('-n <count>', 'how many earlier events', '5')
    .option('-o, --output <format>', 'text or json', 'text')
    .option('--utc', 'times in UTC instead of the zone of this machine')
    .option('--expect', 'exit with 6 when nothing is known')
    .addHelpText('before', examples)
    .action(async (target: string, options: Options) => cli.end(await run(target, options, cli)))
}

async function run(target: string, options: Options, cli: Cli): Promise<ExitCode> {
  const { io } = cli
  const format = parseChoice('-o', options.output, ['text', 'json'] as const)
  const limit = Math.min(parseCount('-n', options.n), listLimits.pageEventsMax)
  const { tenant } = cli.globals()
  const report = await withSource(cli.places(), async (source) => {
    await refuseNoTenant(source, tenant)
    return who(source, target, { limit, ...(tenant !== undefined && { tenant }) })
  })
  const { ended, before, complete } = report
  if (format === 'json') await io.write(`${terminalJson(report, 2)}\n`)
  else {
    if (ended !== undefined) await io.write(`${line(ended, options.utc === true, io, 'bold')}\n`)
    for (const [i, event] of before.entries()) {
      const lead = ended === undefined ? '' : i === 0 ? '  before that: ' : '               '
      await io.write(`${lead}${line(event, options.utc === true, io)}\n`)
    }
    const newest = ended ?? before[0]
    if (newest !== undefined && io.notesAreSeen)
      io.note(`  → auditproof show ${quoted(newest.id)} --tenant ${quoted(newest.tenant)}`)
  }
  const isFound = ended !== undefined || before.length > 0
  if (format === 'text' && !complete && ended === undefined) {
    const missing = isFound ? 'an older one may have ended it' : 'none of them was about it'
    io.note(`! Only the newest events were looked through for ${target}: ${missing}.`, 'yellow')
    io.note(`  → all of them: auditproof log --target ${quoted(target)} -n all`)
  } else if (format === 'text' && !isFound) {
    io.note(`Nothing is known of ${target}.`)
    io.note(`  → by the beginning of its name: auditproof log --target ${quoted(`${target}*`)}`)
  }
  if (isFound) return exitCodes.ok
  return options.expect === true ? exitCodes.nothingMatched : exitCodes.ok
}

function line(event: ReadEvent, utc: boolean, { paint }: Cli['io'], style?: 'bold'): string {
  const sentence = escapeForTerminal(sentenceOf(event))
  const time =
    event.occurredAt === undefined ? '' : `   ${paint('dim', escapeForTerminal(timeText(event.occurredAt, utc)))}`
  return `${style === undefined ? sentence : paint(style, sentence)}${time}`
}
