/** CSV by RFC 4180, strictly, with a header: each row is a record of its columns. */
import { AuditError } from '../errors.ts'
import type { JsonObject } from '../event/json.ts'
import { nearest } from '../query/nearest.ts'
import { splitRows } from './csv-rows.ts'
import { decodeText, type MalformedLine, type RawRecord } from './records.ts'

export const csvSeparators = [',', ';', '\t', '|'] as const
export type CsvSeparator = (typeof csvSeparators)[number]

export interface CsvOptions {
  separator: CsvSeparator
  /** Columns that must be there. */
  columns: readonly string[]
  /** How the source is called in messages. */
  source: string
}

/** @throws AuditError `input_malformed` for a header that cannot be read, or lacks a column */
export async function* readCsv(
  chunks: AsyncIterable<Uint8Array>,
  options: CsvOptions,
): AsyncGenerator<RawRecord | MalformedLine> {
  let header: string[] | undefined
  for await (const row of splitRows(chunks, options.separator)) {
    const { number } = row
    const decoded = decodeText(row)
    if (header === undefined) header = parseHeader(decoded, options)
    else yield 'reason' in decoded ? decoded : parseRecord(number, decoded, header, options.separator)
  }
}

function parseRecord(
  number: number,
  { text, bytes }: { text: string; bytes: Uint8Array },
  header: readonly string[],
  separator: CsvSeparator,
): RawRecord | MalformedLine {
  const row = parseRow(text, separator)
  if ('reason' in row) return { number, reason: row.reason }
  const { cells } = row
  if (cells.length !== header.length)
    return { number, reason: `the header has ${header.length} columns, the row ${cells.length}` }
  return { number, bytes, text, value: recordOf(header, cells) }
}

/** The cells of one row, without the newline behind it; or in words why it is none. */
export function parseRow(text: string, separator: string): { cells: string[] } | { reason: string } {
  const row = text.endsWith('\r') ? text.slice(0, -1) : text
  const cells: string[] = []
  let at = 0
  for (;;) {
    const isQuoted = row[at] === '"'
    const end = isQuoted ? closingQuote(row, at + 1) : endOfPlain(row, at, separator)
    if (end === undefined) return { reason: 'a quoted field does not end' }
    const cell = isQuoted ? row.slice(at + 1, end).replaceAll('""', '"') : row.slice(at, end)
    if (!isQuoted && /["\r]/.test(cell))
      return { reason: 'a field with a quote or a carriage return in it is not quoted' }
    cells.push(cell)
    at = isQuoted ? end + 1 : end
    if (at === row.length) return { cells }
    if (row[at] !== separator) return { reason: 'there is text behind the quotes of a field' }
    at++
  }
}

function endOfPlain(row: string, from: number, separator: string): number {
  const end = row.indexOf(separator, from)
  return end === -1 ? row.length : end
}

function closingQuote(row: string, from: number): number | undefined {
  for (let at = row.indexOf('"', from); at !== -1; at = row.indexOf('"', at + 2)) if (row[at + 1] !== '"') return at
  return undefined
}

function parseHeader(decoded: { text: string } | MalformedLine, options: CsvOptions): string[] {
  const row = 'reason' in decoded ? decoded : parseRow(decoded.text.replace(/^\uFEFF/, ''), options.separator)
  if ('reason' in row) throw headerProblem(options, row.reason)
  const header = row.cells
  const twice = header.find((name, at) => header.indexOf(name) !== at)
  if (twice !== undefined) throw headerProblem(options, `two columns are called ${JSON.stringify(twice)}`)
  const missing = options.columns.find((column) => !header.includes(column))
  if (missing !== undefined) {
    const meant = nearest(missing, header)
    throw new AuditError('input_malformed', `${options.source} has no column ${JSON.stringify(missing)}.`, {
      hint: `${meant === undefined ? 'it has' : `did you mean ${JSON.stringify(meant)}? It has`} ${header.map((name) => JSON.stringify(name)).join(', ')}`,
    })
  }
  return header
}

function recordOf(header: readonly string[], cells: readonly string[]): JsonObject {
  // Without a prototype: a column may be called __proto__.
  const record = Object.create(null) as JsonObject
  for (const [at, name] of header.entries()) record[name] = cells[at]!
  return record
}

const headerProblem = ({ source }: CsvOptions, reason: string): AuditError =>
  new AuditError('input_malformed', `The header of ${source} cannot be read: ${reason}.`, {
    hint: 'the first row names the columns; "separator" in the mapping says what stands between them',
  })
