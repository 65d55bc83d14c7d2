/** One event on one line. */
import { cutTo, fillTo, widthOf } from './columns.ts'
import type { Io, Style } from './io.ts'
import { escapeForTerminal } from './terminal.ts'
import type { ListRow } from '../store/search.ts'
import { timeText, timeWidth } from './zone.ts'

/** Widths in cells; undefined: the last column, as wide as it is. */
export interface RowWidths {
  tenant: number | undefined
  action: number
  actor: number
  target: number
}

const outcomeWidth = 7
const gap = 2

/** From the rows of the first page, and cut to the terminal's width where there is one. */
export function rowWidths(
  rows: readonly ListRow[],
  withTenant: boolean,
  columns: number | undefined,
  utc: boolean,
): RowWidths {
  const widest = (cell: (row: ListRow) => string, max: number): number =>
    Math.min(
      max,
      rows.reduce((width, row) => Math.max(width, widthOf(cell(row))), 1),
    )
  const tenant = withTenant ? widest(({ tenant }) => escapeForTerminal(tenant), 20) : undefined
  const action = widest(actionOf, 32)
  let actor = widest(actorOf, 48)
  let target = widest(targetOf, 64)
  if (columns !== undefined) {
    const indexWidth = 2 + Math.max(...rows.map(({ index }) => String(index).length))
    const left =
      columns -
      timeWidth(utc) -
      outcomeWidth -
      action -
      (tenant === undefined ? 0 : tenant + gap) -
      indexWidth -
      4 * gap
    const half = Math.max(8, Math.floor(left / 2))
    actor = Math.min(actor, Math.max(half, left - target))
    target = Math.max(8, Math.min(target, left - actor))
  }
  return { tenant, action, actor, target }
}

/** For rows that are not known yet, as they come. */
export function liveWidths(withTenant: boolean, columns: number | undefined, utc: boolean): RowWidths {
  const tenant = withTenant ? 12 : undefined
  if (columns === undefined) return { tenant, action: 1, actor: 1, target: 1 }
  const left = columns - timeWidth(utc) - outcomeWidth - (tenant === undefined ? 0 : tenant + gap) - 8 - 5 * gap
  const part = Math.max(8, Math.floor(left / 3))
  return { tenant, action: part, actor: part, target: Math.max(8, left - 2 * part) }
}

export function rowLine(row: ListRow, widths: RowWidths, io: Pick<Io, 'paint' | 'columns'>, utc: boolean): string {
  const { outcome, severity } = row.summary
  const cell = (text: string, width: number, style?: Style): string => {
    // Cut only where a person looks: what goes into a file or a pipe is whole.
    const filled = fillTo(io.columns === undefined ? text : cutTo(text, width), width)
    return style === undefined ? filled : io.paint(style, filled)
  }
  const cells = [
    cell(timeOf(row.summary.occurredAt, utc), timeWidth(utc), 'dim'),
    ...(widths.tenant === undefined ? [] : [cell(escapeForTerminal(row.tenant), widths.tenant, 'cyan')]),
    cell(actionOf(row), widths.action, severity === 'critical' || severity === 'warning' ? 'yellow' : 'bold'),
    cell(escapeForTerminal(outcome ?? '(erased)'), outcomeWidth, outcomeStyles[outcome ?? '']),
    cell(fitting(row.summary.actorName, row.summary.actor, widths.actor, io), widths.actor),
    cell(fitting(row.summary.targetName, row.summary.target, widths.target, io), widths.target),
    io.paint('dim', `#${row.index}`),
    // Where nobody looks, whoever filters the lines wants the id.
    ...(io.columns === undefined ? [escapeForTerminal(row.id)] : []),
  ]
  return cells.join(' '.repeat(gap)).trimEnd()
}

const outcomeStyles: { readonly [outcome: string]: Style } = { denied: 'red', failure: 'red', unknown: 'yellow' }

/** To the second, with its zone. */
const timeOf = (sortable: string | null, utc: boolean): string =>
  sortable === null ? '(erased)' : escapeForTerminal(timeText(sortable, utc))

const actionOf = ({ summary }: ListRow): string => escapeForTerminal(summary.action ?? '(erased)')
const actorOf = ({ summary }: ListRow): string => named(summary.actorName, summary.actor)
const targetOf = ({ summary }: ListRow): string => named(summary.targetName, summary.target)

/** Where both do not fit, the name says more than half an id. */
function fitting(name: string | null, id: string | null, width: number, io: Pick<Io, 'columns'>): string {
  const both = named(name, id)
  return io.columns === undefined || widthOf(both) <= width ? both : named(name, name === null ? id : null)
}

/** Names, not only ids. */
const named = (name: string | null, id: string | null): string =>
  escapeForTerminal(name === null ? (id ?? '–') : id === null ? name : `${name} (${id})`)
