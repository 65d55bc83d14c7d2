import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { AuditError } from '../../errors.ts'
import { Followers, listEvents, mayPass, type Filter, type ReadEvent, type Source } from '../../reader/index.ts'
import type { Cli } from '../cli.ts'
import { CursorFile } from '../cursor-file.ts'
import { outputFormats } from '../event-output.ts'
import type { ExitCode } from '../exit-codes.ts'
import { parseChoice, parseCount } from '../flag-values.ts'
import { onInterruption } from '../interruption.ts'
import { addQueryOptions, filterOf, queryNotes, type QueryOptions } from '../query-options.ts'
import { tailPrinter, type TailPrinter } from '../tail-printer.ts'
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
With --cursor-file it goes on behind what was written last: every event comes at least once, also after a crash. In jsonl
each line has the cursor behind it, for --after-cursor; of the events that it begins with, the last.
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

/** Until Ctrl-C or SIGTERM. A store that goes away is waited for. */
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
  const printer = tailPrinter(format, filter, options.utc === true, cli)
  const interruption = onInterruption()
  try {
    const { signal } = interruption
    const tail = { count, filter, file, printer, signal, after: file?.read() ?? options.afterCursor }
    await (file === undefined ? follow(tail, cli) : file.keepWhile(() => follow(tail, cli)))
    return interruption.exitCode
  } finally {
    interruption.end()
  }
}

interface Tail {
  count: number
  filter: Filter
  after: string | undefined
  file: CursorFile | undefined
  printer: TailPrinter
  signal: AbortSignal
}

/** @throws what cannot be mended by waiting: a cursor or a filter that is none, a store that never was there */
async function follow(tail: Tail, cli: Cli): Promise<void> {
  const { signal, printer } = tail
  let at = tail.after
  let name: string | undefined
  let goneAt: number | undefined
  for (let waitMs = retryMs; !signal.aborted; waitMs = Math.min(2 * waitMs, retryMsMax)) {
    try {
      await withSource(cli.places(), async (source) => {
        refuseOther(source, name)
        if (name === undefined) await refuseNoTenant(source, tail.filter.tenant)
        const followers = new Followers(source.store, source.cursorKey, { isPatient: false })
        try {
          const end = await followers.end(tail.filter)
          if (goneAt !== undefined)
            await printer.note(
              `the store was away for ${Math.round((Date.now() - goneAt) / 1_000)} s; resumed without loss`,
            )
          goneAt = undefined
          waitMs = retryMs
          let printed = new Set<string>()
          if (at === undefined && tail.count !== Number.POSITIVE_INFINITY) {
            printed = await printLast(source, tail, end)
            at = end
          }
          name = source.store.name
          await printOn(followers, tail, { after: at, printed, reached: (cursor) => (at = cursor) })
        } finally {
          followers.close()
        }
      })
    } catch (error) {
      if (!mayPass(error) || name === undefined) throw error
      if (goneAt === undefined) cli.io.note(`! ${(error as AuditError).message} Waiting for it …`, 'yellow')
      goneAt ??= Date.now()
      await sleep(waitMs * (0.5 + Math.random()), undefined, { signal }).catch(() => {}) // Ctrl-C ends the wait
    }
  }
}

const retryMs = 250
const retryMsMax = 10_000

/** While it was away, somebody may have put another in its place: that is not what is followed. */
function refuseOther({ store }: Source, name: string | undefined): void {
  if (name !== undefined && store.name !== name)
    throw new AuditError('store_unavailable', `The store there is ${store.name} now; it was ${name}.`, {
      hint: 'somebody put another store in its place: put the right one back',
    })
}

const placeOf = ({ tenant, index }: ReadEvent): string => `${tenant}/${index}`

/**
 * The last events, the newest last: with that one the cursor is told, as all before it are printed then.
 * @param end taken before they are listed: what came in between comes again
 * @returns the places of what was printed
 */
async function printLast(source: Source, { count, filter, printer }: Tail, end: string): Promise<Set<string>> {
  const events: ReadEvent[] = []
  let cursor: string | undefined
  while (events.length < count) {
    const page = await listEvents(source, { filter, limit: count - events.length, cursor })
    events.push(...page.events)
    cursor = page.next
    if (cursor === undefined) break
  }
  const newest = events[0]
  for (const event of events.toReversed()) await printer.print(event, event === newest ? end : undefined)
  return new Set(events.map(placeOf))
}

interface Beginning {
  after: string | undefined
  /** What was printed and may come again: it came under a checkpoint only after it was listed. */
  printed: Set<string>
  reached: (cursor: string) => void
}

/** Until the stream ends, or breaks off. What is in the file has always been printed. */
async function printOn(followers: Followers, tail: Tail, { after, printed, reached }: Beginning): Promise<void> {
  const { filter, signal, file, printer } = tail
  const stream = followers.follow({ filter, after, signal, from: 'beginning' })
  const keep = (cursor: string | undefined): void => {
    if (cursor === undefined) return
    reached(cursor)
    file?.keep(cursor)
  }
  // Known before the first event comes: whoever dies waiting for it goes on from here.
  keep(stream.cursor)
  for await (const { event, gap, cursor } of stream) {
    if (gap !== undefined) await printer.printGap(gap, cursor)
    else if (!printed.delete(placeOf(event))) await printer.print(event, cursor)
    keep(cursor)
  }
  keep(stream.cursor)
}
