/** Events in the format that was asked for, one after the other; safe for terminals in each. */
import { csvHeader, csvRow, type ReadEvent } from '../reader/index.ts'
import type { ListRow } from '../store/search.ts'
import { formatReference, sortableTime } from '../event/index.ts'
import { eventBlock } from './event-page.ts'
import type { Io } from './io.ts'
import { rowLine, type RowWidths } from './row.ts'
import { terminalJson } from './terminal.ts'

export const outputFormats = ['short', 'full', 'json', 'jsonl', 'csv'] as const
export type OutputFormat = (typeof outputFormats)[number]

/** Turns events into text: what comes before the first, each of them, what comes after the last. */
export class EventOutput {
  readonly #format: Exclude<OutputFormat, 'short'>
  readonly #io: Pick<Io, 'paint'>
  readonly #utc: boolean
  #written = 0

  constructor(format: Exclude<OutputFormat, 'short'>, io: Pick<Io, 'paint'>, utc: boolean) {
    this.#format = format
    this.#io = io
    this.#utc = utc
  }

  get written(): number {
    return this.#written
  }

  text(event: ReadEvent): string {
    const isFirst = this.#written++ === 0
    switch (this.#format) {
      case 'jsonl':
        return `${terminalJson(event)}\n`
      case 'json':
        return (isFirst ? '[\n' : ',\n') + terminalJson(event, 2)
      case 'csv':
        return (isFirst ? csvHeader() : '') + csvRow(event)
      default:
        return (isFirst ? '' : '\n') + eventBlock(event, this.#io, this.#utc)
    }
  }

  end(): string {
    if (this.#format === 'csv') return this.#written === 0 ? csvHeader() : ''
    if (this.#format !== 'json') return ''
    return this.#written === 0 ? '[]\n' : '\n]\n'
  }
}

/** An event that was read whole, on one line as lists show it. */
export function shortLine(
  event: ReadEvent,
  widths: RowWidths,
  io: Pick<Io, 'paint' | 'columns'>,
  utc: boolean,
): string {
  const { id, tenant, index, action, outcome, severity, actor, targets, occurredAt, recordedAt } = event
  const target = targets?.[0]
  const summary: ListRow['summary'] = {
    occurredAt: occurredAt === undefined ? null : sortableTime(occurredAt),
    recordedAt: recordedAt === undefined ? null : sortableTime(recordedAt),
    action: action ?? null,
    outcome: outcome ?? null,
    severity: severity ?? null,
    actor: actor ? formatReference(actor) : null,
    actorName: actor?.name ?? null,
    target: target ? formatReference(target) : null,
    targetName: target?.name ?? null,
  }
  return rowLine({ id, tenant, index, summary, at: 0, log: 0 }, widths, io, utc)
}
