import { randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { parseChoice, parseCount } from '../flag-values.ts'
import { listEvents, listLimits, listRows, parseFilter, type Filter } from '../../reader/index.ts'
import type { ListRow } from '../../store/search.ts'
import type { Store } from '../../store/store.ts'
import { formatQuery } from '../../query/index.ts'
import { rowLine, rowWidths } from '../row.ts'
import { escapeForTerminal, terminalJson } from '../terminal.ts'
import { noSuchTenant, quoted, withStore } from '../trail.ts'

interface Options {
  n: string
  output: string
  expect?: boolean
  action?: string
  actor?: string
  target?: string
  outcome?: string
  since?: string
  until?: string
}

const examples = `Examples:
  auditproof log                                     the newest events of all tenants
  auditproof log --actor user/u_7 --since 7d
  auditproof log --action 'case.*' --outcome denied --expect
  auditproof log -n all -o jsonl > events.jsonl
`

const notes = `
Times are UTC: 2026-03-01, 2026-03-01T10:00Z, 7d (seven days ago), 12h, now, today, yesterday; --since is inclusive,
--until is not. They select by when events happened; the order is that of recording. A * at the end of --action,
--actor or --target matches the beginning.`

const formats = ['short', 'json', 'jsonl'] as const

export function define(command: Command, cli: Cli): void {
  command
    .option('-n <count>', 'how many, or all', '20')
    .option('-o, --output <format>', 'short, json or jsonl', 'short')
    .option('-S, --since <time>', 'happened at this time or after')
    .option('-U, --until <time>', 'happened before')
    .option('--actor <type/id>', 'who did it')
    .option('--action <action>', 'what was done')
    .option('--target <type/id>', 'what it was done to first')
    .option('--outcome <outcome>', 'success, failure, denied or unknown')
    .option('--expect', 'exit with 6 when nothing matches')
    .addHelpText('before', examples)
    .addHelpText('after', notes)
    .action(async (options: Options) => cli.end(await run(options, cli)))
}

async function run(options: Options, cli: Cli): Promise<ExitCode> {
  const format = parseChoice('-o', options.output, formats)
  const wanted = parseCount('-n', options.n)
  const { actor, action, target, outcome, since, until } = options
  const { tenant } = cli.globals()
  const filter = parseFilter({ tenant, actor, action, target, outcome, since, until }, Date.now())
  const found = await withStore(cli.places(), async (store) => {
    if (tenant !== undefined && (await store.headOf(tenant)) === undefined) throw await noSuchTenant(store, tenant)
    return format === 'short' ? printRows(store, filter, wanted, cli) : printJson(store, filter, wanted, format, cli)
  })
  if (found > 0) return exitCodes.ok
  if (format === 'short') noteNothing(filter, cli)
  return options.expect === true ? exitCodes.nothingMatched : exitCodes.ok
}

async function printRows(store: Store, filter: Filter, wanted: number, { io }: Cli): Promise<number> {
  let printed = 0
  let widths: ReturnType<typeof rowWidths> | undefined
  for await (const { rows, more } of pages(wanted, (limit, cursor) =>
    listRows({ store, cursorKey }, { filter, limit, cursor }).then(({ rows, next }) => ({ items: rows, next })),
  )) {
    widths ??= rowWidths(rows, filter.tenant === undefined, io.columns)
    for (const row of rows) await io.write(`${rowLine(row, widths, io)}\n`)
    printed += rows.length
    if (more && io.notesAreSeen)
      io.note(`  → older events follow: -n ${wanted * 5}, or -n all; one of them: ${showCommand(rows.at(-1)!)}`)
  }
  return printed
}

const showCommand = ({ index, tenant }: ListRow): string => `auditproof show ${index} --tenant ${quoted(tenant)}`

async function printJson(
  store: Store,
  filter: Filter,
  wanted: number,
  format: 'json' | 'jsonl',
  { io }: Cli,
): Promise<number> {
  let printed = 0
  for await (const { rows } of pages(wanted, (limit, cursor) =>
    listEvents({ store, cursorKey }, { filter, limit, cursor }).then(({ events, next }) => ({ items: events, next })),
  )) {
    for (const event of rows) {
      const before = printed++ === 0 ? '[\n' : ',\n'
      await io.write(format === 'jsonl' ? `${terminalJson(event)}\n` : before + terminalJson(event, 2))
    }
  }
  if (format === 'json') await io.write(printed === 0 ? '[]\n' : '\n]\n')
  return printed
}

/** Cursors do not leave this process. */
const cursorKey = randomBytes(32)

type Page<T> = { items: T[]; next?: string | undefined }

/** Pages until there are enough, or no more. `more`: there may be others behind the last. */
async function* pages<T>(
  wanted: number,
  read: (limit: number, cursor: string | undefined) => Promise<Page<T>>,
): AsyncGenerator<{ rows: T[]; more: boolean }> {
  let cursor: string | undefined
  for (let left = wanted; left > 0;) {
    const { items, next } = await read(Math.min(left, listLimits.pageEventsMax), cursor)
    left -= items.length
    if (items.length > 0) yield { rows: items, more: next !== undefined && left <= 0 }
    if (next === undefined) return
    cursor = next
  }
}

function noteNothing({ query, tenant }: Filter, { io }: Cli): void {
  if (query.terms.length === 0) {
    io.note(tenant === undefined ? 'No events yet.' : `No events of ${escapeForTerminal(tenant)} yet.`)
    return io.note('  → auditproof record hello.world --actor user/u_7')
  }
  io.note(`No event matches ${escapeForTerminal(formatQuery(query))}.`)
  io.note('  → leave a part of it out, or widen it with a * at its end')
}
