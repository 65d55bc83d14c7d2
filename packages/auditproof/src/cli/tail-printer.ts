/** What is followed, as it is printed: events, gaps, and what happens to the store meanwhile. */
import type { Filter, Followed, ReadEvent } from '../reader/index.ts'
import type { Cli } from './cli.ts'
import { EventOutput, shortLine, type OutputFormat } from './event-output.ts'
import { liveWidths } from './row.ts'
import { escapeForTerminal, terminalJson } from './terminal.ts'

export type TailFormat = Exclude<OutputFormat, 'json'>

export interface TailPrinter {
  /** @param cursor behind which to go on; undefined where what stands before it was not all printed yet */
  print(event: ReadEvent, cursor: string | undefined): Promise<void>
  printGap(gap: NonNullable<Followed['gap']>, cursor: string): Promise<void>
  note(text: string): Promise<void>
}

export function tailPrinter(format: TailFormat, filter: Filter, utc: boolean, { io }: Cli): TailPrinter {
  const widths = liveWidths(filter.tenant === undefined, io.columns, utc)
  const output = format === 'short' ? undefined : new EventOutput(format, io, utc)
  const line = (text: string): string => `── ${text} ──`
  const printShort = async (event: ReadEvent): Promise<void> => {
    const { problem, action, index, tenant } = event
    if (action !== undefined) await io.write(`${shortLine(event, widths, io, utc)}\n`)
    if (problem === undefined) return
    const text = `event #${index} of ${escapeForTerminal(tenant)}: ${escapeForTerminal(problem)} → auditproof verify`
    await io.write(`${io.paint('red', line(text))}\n`)
  }
  return {
    print(event, cursor) {
      if (output === undefined) return printShort(event)
      if (format !== 'jsonl') return io.write(output.text(event))
      return io.write(`${terminalJson({ ...event, ...(cursor !== undefined && { cursor }) })}\n`)
    },
    printGap(gap, cursor) {
      if (format === 'jsonl') return io.write(`${terminalJson({ gap, cursor })}\n`)
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
