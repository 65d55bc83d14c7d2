/** Events as CSV, for spreadsheets: one row each, in columns that stay. Programs take JSON, which says more. */
import { csvCell, csvJsonCell } from './csv-cell.ts'
import { csvColumns, type Column } from './csv-columns.ts'
import type { ReadEvent } from './event.ts'

/** Without it, Excel reads UTF-8 as the code page of the machine. */
const byteOrderMark = '\uFEFF'

/** @param options.forExcel begins with a byte order mark: for files that people open, not for pipes */
export const csvHeader = (options?: { forExcel?: boolean }): string =>
  (options?.forExcel === true ? byteOrderMark : '') + csvLine(csvColumns.map(({ name }) => csvCell(name)))

/** One line, ended by CRLF (RFC 4180 §2). */
export const csvRow = (event: ReadEvent): string => csvLine(csvColumns.map((column) => cellOf(column, event)))

const csvLine = (cells: readonly string[]): string => `${cells.join(',')}\r\n`

function cellOf({ text, group, json }: Column, event: ReadEvent): string {
  if (group !== undefined && event.erased.includes(group)) return csvCell('(erased)')
  const value = text(event)
  if (value === undefined) return ''
  return json === true ? csvJsonCell(String(value)) : csvCell(String(value))
}
