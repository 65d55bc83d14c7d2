import type { Command } from 'commander'
import { AuditError } from '../../errors.ts'
import type { Cli } from '../cli.ts'
import { EventOutput, outputFormats, type OutputFormat } from '../event-output.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { parseChoice, parseCount } from '../flag-values.ts'
import { inOrder, type Page } from '../pages.ts'
import { openPager, type Output } from '../pager.ts'
import { plural } from '../progress.ts'
import { addQueryOptions, filterOf, filterText, queryNotes, type QueryOptions } from '../query-options.ts'
import { listEvents, listRows, type Filter, type ListRequest, type Source } from '../../reader/index.ts'
import type { ListRow } from '../../store/search.ts'
import { rowLine, rowWidths } from '../row.ts'
import { quoted, refuseNoTenant, withSource } from '../trail.ts'
import { addTailOptions, runTail, type TailOptions } from './tail.ts'

interface Options extends QueryOptions, TailOptions {
  n: string
  output: string
  reverse?: boolean
  utc?: boolean
  expect?: boolean
  follow?: boolean
  pager: boolean
}

const examples = `Examples:
  auditproof log                                     the last events of all tenants, the newest at the end
  auditproof log --actor user/u_7 --since 7d
  auditproof log -q 'action:case.* -outcome:success' --expect
  auditproof log -g 'final invoice' -o full
  auditproof log -n all -o csv > events.csv
  auditproof log -f                                  goes on as events come, like auditproof tail
`

export function define(command: Command, cli: Cli): void {
  command.option('-n <count>', 'how many, or all', '20').option('-r, --reverse', 'newest first')
  addQueryOptions(command)
    .option('-o, --output <format>', 'short, full, json, jsonl or csv', 'short')
    .option('--utc', 'times in UTC instead of the zone of this machine')
    .option('--expect', 'exit with 6 when nothing matches')
    .option('--no-pager', 'not through a pager')
    .option('-f, --follow', 'go on as events come')
  addTailOptions(command)
    .addHelpText('before', examples)
    .addHelpText('after', queryNotes)
    .action(async (options: Options) => cli.end(await run(options, cli)))
}

async function run(options: Options, cli: Cli): Promise<ExitCode> {
  if (options.follow === true || options.afterCursor !== undefined || options.cursorFile !== undefined) {
    refuseOfLists(options)
    return runTail(options, cli)
  }
  const format = parseChoice('-o', options.output, outputFormats)
  const wanted = parseCount('-n', options.n)
  const { tenant } = cli.globals()
  const now = Date.now()
  const filter = filterOf(options, tenant, now)
  const output = openPager(cli.io, cli.env, options.pager && !['json', 'jsonl', 'csv'].includes(format))
  try {
    const found = await withSource(cli.places(), async (source) => {
      await refuseNoTenant(source, filter.tenant)
      const request = { filter, now, descending: options.reverse === true }
      return show(source, request, { wanted, format, utc: options.utc === true }, output, cli)
    })
    if (found > 0) return exitCodes.ok
    if (format === 'short' || format === 'full') noteNothing(filter, cli)
    return options.expect === true ? exitCodes.nothingMatched : exitCodes.ok
  } finally {
    await output.close()
  }
}

/** @throws AuditError `usage` for what has a meaning only where there is an end */
function refuseOfLists({ reverse, expect, output }: Options): void {
  const given = reverse === true ? '-r' : expect === true ? '--expect' : output === 'json' ? '-o json' : undefined
  if (given === undefined) return
  const without = `leave ${given} out, or -f, --after-cursor and --cursor-file, which follow`
  throw new AuditError('usage', `${given} is for lists; what is followed comes as it comes, and has no end.`, {
    hint: given === '-o json' ? '-o jsonl' : without,
  })
}

interface Shown {
  wanted: number
  format: OutputFormat
  utc: boolean
}

async function show(source: Source, request: ListRequest, shown: Shown, output: Output, cli: Cli): Promise<number> {
  return shown.format === 'short'
    ? showRows(source, request, shown, output, cli)
    : showEvents(source, request, shown, shown.format, output, cli)
}

async function showRows(
  source: Source,
  request: ListRequest,
  { wanted, utc }: Shown,
  output: Output,
  { io }: Cli,
): Promise<number> {
  let widths: ReturnType<typeof rowWidths> | undefined
  const pages = inOrder(wanted, request, (one) =>
    listRows(source, one).then(({ rows, ...end }) => ({ items: rows, ...end })),
  )
  return writePages(
    pages,
    output,
    io,
    (rows: ListRow[]) => {
      // A page may be empty with others behind it.
      if (rows.length === 0) return []
      widths ??= rowWidths(rows, request.filter.tenant === undefined, io.columns, utc)
      return rows.map((row) => `${rowLine(row, widths!, io, utc)}\n`)
    },
    (rows) => `  → one of them: auditproof show ${rows.at(-1)!.index} --tenant ${quoted(rows.at(-1)!.tenant)}`,
  )
}

async function showEvents(
  source: Source,
  request: ListRequest,
  { wanted, utc }: Shown,
  format: Exclude<OutputFormat, 'short'>,
  output: Output,
  { io }: Cli,
): Promise<number> {
  const events = new EventOutput(format, io, utc)
  const pages = inOrder(wanted, request, (one) =>
    listEvents(source, one).then(({ events: items, ...end }) => ({ items, ...end })),
  )
  const count = await writePages(pages, output, io, (page) => page.map((event) => events.text(event)))
  await output.write(events.end())
  return count
}

/** Writes what there is, then what is to be known about it. @returns how many */
async function writePages<T>(
  pages: AsyncIterable<Page<T> & { more: boolean }>,
  output: Output,
  io: Cli['io'],
  textsOf: (items: T[]) => string[],
  hint?: (items: T[]) => string,
): Promise<number> {
  let count = 0
  let unindexed = 0
  for await (const { items, more, unindexed: waiting = 0 } of pages) {
    for (const text of textsOf(items)) {
      if (output.unread) return count
      await output.write(text)
    }
    count += items.length
    unindexed = waiting
    if (more && io.notesAreSeen && hint !== undefined) {
      io.note(`  → there are older events: -n ${Math.max(100, count * 5)}, or -n all`)
      io.note(hint(items))
    }
  }
  if (unindexed > 0)
    io.note(
      `! ${plural(unindexed, 'event')} cannot be found by words yet: whatever records or serves next goes on indexing them`,
      'yellow',
    )
  return count
}

function noteNothing(filter: Filter, { io }: Cli): void {
  if (filter.query.terms.length === 0) {
    io.note('No events yet.')
    return io.note('  → auditproof record hello.world --actor user/u_7')
  }
  io.note(`No event matches ${filterText(filter)}.`)
  io.note('  → leave a part of it out, or widen it with a * at its end')
}
