import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { AuditError } from '../../errors.ts'
import { Followers, listEvents, type Filter, type Followed, type ReadEvent, type Source } from '../../reader/index.ts'
import type { Cli } from '../cli.ts'
import { CursorFile } from '../cursor-file.ts'
import { EventOutput, outputFormats, shortLine } from '../event-output.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { parseChoice, parseCount } from '../flag-values.ts'
import { onInterruption } from '../interruption.ts'
import { addQueryOptions, filterOf, queryNotes, type QueryOptions } from '../query-options.ts'
import { liveWidths } from '../row.ts'
import { escapeForTerminal, terminalJson } from '../terminal.ts'
import { refuseNoTenant, withSource } from '../trail.ts'

export interface TailOptions {
  afterCursor?: string
  cursorFile?: string
}

interface Options extends QueryOptions, TailOptions {
  n: string
  output: string
  utc?: boolean
}

const examples = `Examples:
  auditproof tail                                    the last events, then those that come
  auditproof tail -q 'outcome:denied'
  auditproof tail --tenant lind -o jsonl --cursor-file lind.cursor | ship-somewhere
`

const notes = `${queryNotes}
With --cursor-file it goes on behind what was written last: every event comes at least once, also after a crash.
Of one tenant events come as soon as they are stored, of all tenants as they come under a signed checkpoint.`

export const addTailOptions = (command: Command): Command =>
  command
    .option('--after-cursor <cursor>', 'go on behind this cursor, and follow')
    .option('--cursor-file <file>', 'go on behind the cursor in this file, keep it there, and follow')

export function define(command: Command, cli: Cli): void {
  command.option('-n <count>', 'how many to begin with, all, or 0', '10')
  addQueryOptions(command)
    .option('-o, --output <format>', 'short, full, jsonl or csv', 'short')
    .option('--utc', 'times in UTC instead of the zone of this machine')
  addTailOptions(command)
    .addHelpText('before', examples)
    .addHelpText('after', notes)
    .action(async (options: Options) => cli.end(await runTail(options, cli)))
}

/** Until Ctrl-C. A store that goes away is waited for. */
export async function runTail(options: Options, cli: Cli): Promise<ExitCode> {
  const format = parseChoice(
    '-o',
    options.output,
    outputFormats.filter((one) => one !== 'json'),
  )
  const count = options.n === '0' ? 0 : parseCount('-n', options.n)
  const filter = filterOf(options, cli.globals().tenant, Date.now())
  if (options.afterCursor !== undefined && options.cursorFile !== undefined)
    throw new AuditError('usage', '--after-cursor and --cursor-file exclude each other.', { hint: 'give one of them' })
  const file = options.cursorFile === undefined ? undefined : new CursorFile(options.cursorFile)
  const printer = printerFor(format, filter, options.utc === true, cli)
  const { signal, end } = onInterruption()
  try {
    await follow({ count, filter, file, printer, signal, after: file?.read() ?? options.afterCursor }, cli)
    return exitCodes.interrupted
  } finally {
    file?.write()
    end()
  }
}

interface Tail {
  count: number
  filter: Filter
  after: string | undefined
  file: CursorFile | undefined
  printer: Printer
  signal: AbortSignal
}

/** @throws what cannot be mended by waiting: a cursor or a filter that is none, a store that never was there */
async function follow({ count, filter, file, printer, signal, after }: Tail, cli: Cli): Promise<void> {
  let at = after
  let isFirst = true
  let goneAt: number | undefined
  for (let waitMs = retryMs; !signal.aborted; waitMs = Math.min(2 * waitMs, retryMsMax)) {
    try {
      await withSource(cli.places(), async (source) => {
        const followers = new Followers(source.store, source.cursorKey)
        try {
          if (isFirst) await refuseNoTenant(source, filter.tenant)
          const isAll = count === Number.POSITIVE_INFINITY
          let printed = new Set<string>()
          if (at === undefined && !isAll) {
            at = await followers.end(filter)
            printed = await printLast(source, count, filter, printer)
          }
          const stream = followers.follow({ filter, after: at, signal, from: 'beginning' })
          isFirst = false
          if (goneAt !== undefined)
            await printer.note(
              `the store was away for ${Math.round((Date.now() - goneAt) / 1_000)} s; resumed without loss`,
            )
          goneAt = undefined
          waitMs = retryMs
          for await (const one of stream) {
            at = one.cursor
            // What came under a checkpoint only after the last events were listed has been printed with them.
            if (one.event === undefined || !printed.delete(placeOf(one.event))) await printer.print(one)
            file?.keep(at)
          }
          at = stream.cursor ?? at
        } finally {
          followers.close()
        }
      })
    } catch (error) {
      const mayPass = error instanceof AuditError && (error.code === 'store_unavailable' || error.code === 'store_busy')
      if (!mayPass || isFirst) throw error
      if (goneAt === undefined) cli.io.note(`! ${error.message} Waiting for it …`, 'yellow')
      goneAt ??= Date.now()
      await sleep(waitMs * (0.5 + Math.random()), undefined, { signal }).catch(() => {}) // Ctrl-C ends the wait
    }
  }
  if (at !== undefined) file?.keep(at)
}

const retryMs = 250
const retryMsMax = 10_000

const placeOf = ({ tenant, index }: ReadEvent): string => `${tenant}/${index}`

/** @returns the places of what was printed, where the stream may bring it again */
async function printLast(source: Source, count: number, filter: Filter, printer: Printer): Promise<Set<string>> {
  const events: ReadEvent[] = []
  let cursor: string | undefined
  while (events.length < count) {
    const page = await listEvents(source, { filter, limit: count - events.length, cursor })
    events.push(...page.events)
    cursor = page.next
    if (cursor === undefined) break
  }
  for (const event of events.toReversed()) await printer.print({ event, cursor: '' })
  return new Set(events.map(placeOf))
}

interface Printer {
  print(one: Followed): Promise<void>
  note(text: string): Promise<void>
}

function printerFor(
  format: Exclude<(typeof outputFormats)[number], 'json'>,
  filter: Filter,
  utc: boolean,
  { io }: Cli,
): Printer {
  const widths = liveWidths(filter.tenant === undefined, io.columns, utc)
  const output = format === 'short' ? undefined : new EventOutput(format, io, utc)
  const line = (text: string): string => `── ${text} ──`
  return {
    print({ event, gap }) {
      if (event !== undefined) return io.write(output?.text(event) ?? `${shortLine(event, widths, io, utc)}\n`)
      if (format === 'jsonl') return io.write(`${terminalJson({ gap })}\n`)
      const { tenant, from, to } = gap
      const range = to === from + 1 ? `event #${from}` : `events #${from} to #${to - 1}`
      const text = line(`gap: ${range} of ${escapeForTerminal(tenant)} are missing from the store → auditproof verify`)
      // In CSV every line is an event: what is missing is told beside it.
      if (format === 'csv') return Promise.resolve(io.note(text, 'red'))
      return io.write(`${io.paint('red', text)}\n`)
    },
    async note(text) {
      if (format === 'short' || format === 'full') await io.write(`${io.paint('dim', line(text))}\n`)
      else io.note(line(text))
    },
  }
}
