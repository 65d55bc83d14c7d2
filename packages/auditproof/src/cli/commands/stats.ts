import type { Command } from 'commander'
import { survey, type FacetName, type SurveyReport } from '../../reader/index.ts'
import type { Cli } from '../cli.ts'
import { cutTo, fillTo } from '../columns.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { parseChoice, parseCount } from '../flag-values.ts'
import { formatCount } from '../progress.ts'
import { addQueryOptions, filterOf, filterText, queryNotes, type QueryOptions } from '../query-options.ts'
import { escapeForTerminal, terminalJson } from '../terminal.ts'
import { refuseNoTenant, withSource } from '../trail.ts'
import { timeText } from '../zone.ts'

interface Options extends QueryOptions {
  top: string
  output: string
  utc?: boolean
  expect?: boolean
}

const examples = `Examples:
  auditproof stats                                   of all that is there, as far as it is looked at in one go
  auditproof stats --since 7d --outcome denied
  auditproof stats -q 'action:case.*' -o json
`

const notes = `${queryNotes}
Of very many events the newest are looked at; then the figures are "at least", and it is said how far back they go.`

/** What one look takes in; the store stops by itself where that would be too much. */
const countMax = 1_000_000
const facets: readonly FacetName[] = ['outcome', 'action', 'actor', 'target']

export function define(command: Command, cli: Cli): void {
  addQueryOptions(command.option('--top <count>', 'how many values of each', '5'))
    .option('-o, --output <format>', 'text or json', 'text')
    .option('--utc', 'times in UTC instead of the zone of this machine')
    .option('--expect', 'exit with 6 when nothing matches')
    .addHelpText('before', examples)
    .addHelpText('after', notes)
    .action(async (options: Options) => cli.end(await run(options, cli)))
}

async function run(options: Options, cli: Cli): Promise<ExitCode> {
  const { io } = cli
  const format = parseChoice('-o', options.output, ['text', 'json'] as const)
  const top = parseCount('--top', options.top)
  const now = Date.now()
  const filter = filterOf(options, cli.globals().tenant, now)
  const report = await withSource(cli.places(), async (source) => {
    await refuseNoTenant(source, filter.tenant)
    return survey(source.store, { filter, now, countMax, facets, bins })
  })
  if (format === 'json') await io.write(`${terminalJson(report, 2)}\n`)
  else if (report.count === 0) io.note(`No event matches${filterText(filter) === '' ? '' : ` ${filterText(filter)}`}.`)
  else await io.write(textOf(report, top, options.utc === true, io))
  return report.count === 0 && options.expect === true ? exitCodes.nothingMatched : exitCodes.ok
}

const bins = 48

function textOf(report: SurveyReport, top: number, utc: boolean, { paint, columns = 80 }: Cli['io']): string {
  const { count, complete, reached, histogram } = report
  const total = `${complete ? '' : 'at least '}${formatCount(count)} ${count === 1 ? 'event' : 'events'}`
  const since = reached === undefined ? '' : `, as far back as ${timeText(reached, utc)}`
  const lines = [paint('bold', total + since)]
  if (histogram.length > 0) {
    const most = Math.max(1, ...histogram.map((bar) => bar.count))
    const bars = histogram.map((bar) => (bar.count === 0 ? ' ' : blocks[Math.ceil((bar.count / most) * 8) - 1]!))
    lines.push(
      '',
      bars.join(''),
      paint('dim', `from ${timeText(histogram[0]!.from, utc)}, the highest ${formatCount(most)}`),
    )
  }
  for (const name of facets) {
    const values = (report.facets[name] ?? []).slice(0, top)
    if (values.length === 0) continue
    lines.push('', paint('dim', name))
    const widest = formatCount(values[0]!.count).length
    for (const { value, count: n } of values)
      lines.push(
        `  ${formatCount(n).padStart(widest)}  ${fillTo(cutTo(escapeForTerminal(value), columns - widest - 6), 0)}`,
      )
  }
  return `${lines.join('\n')}\n`
}

const blocks = '▁▂▃▄▅▆▇█'
