/**
 * A table of an SQLite file that another application may have open: read only, a page a statement, so that its lock
 * and its write-ahead log are never held up for longer than that.
 */
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { AuditError } from '../../errors.ts'
import { importLimits } from '../limits.ts'
import { noUniqueKey, type SourceTable } from './source-table.ts'

const { pageRows, pageBytesMax } = importLimits

/**
 * @param open for reading, whatever its journal mode and whoever else has it open
 * @throws AuditError `input_malformed`, `not_found`
 */
export function openSqliteTable(path: string, table: string, open: (path: string) => DatabaseSync): SourceTable {
  if (!existsSync(path)) throw new AuditError('input_malformed', `${path} does not exist.`, { hint: 'check the path' })
  const db = readable(path, () => open(path))
  try {
    return tableOf(db, path, table)
  } catch (error) {
    db.close()
    throw error
  }
}

function tableOf(db: DatabaseSync, path: string, table: string): SourceTable {
  const columns = readable(path, () =>
    db
      .prepare('SELECT name FROM pragma_table_info(?)')
      .all(table)
      .map(({ name }) => String(name)),
  )
  const where = `${table} of ${path}`
  if (columns.length === 0) throw noSuchTable(db, path, table)
  const hasKey = columns.includes('id')
  if (hasKey) readable(path, () => checkKey(db, table, where))
  let isOpen = true
  return {
    instance: `${basename(path)}/${table}`,
    where,
    columns,
    async *rows() {
      for (let after: SQLOutputValue | undefined; isOpen;) {
        const page = readable(path, () => readPage(db, table, columns, after))
        if (page.lines.length === 0) return
        after = page.last
        yield* page.lines
      }
    },
    close: async () => {
      isOpen = false
      db.close()
    },
  }
}

/** The key is the row's own number; else every one is looked at once. */
function checkKey(db: DatabaseSync, table: string, where: string): void {
  const keys = db.prepare('SELECT name, type FROM pragma_table_info(?) WHERE pk > 0').all(table)
  if (keys.length === 1 && keys[0]!['name'] === 'id' && keys[0]!['type'] === 'INTEGER') return
  const isBad = `count(*) > 1 OR typeof("id") <> 'integer'`
  const found = db.prepare(
    `SELECT quote("id") AS id, count(*) AS n FROM ${quoted(table)} GROUP BY "id" HAVING ${isBad} LIMIT 1`,
  )
  const { id, n } = found.get() ?? {}
  if (n !== undefined)
    throw noUniqueKey(where, n === 1 ? `an id is ${String(id)}` : `${String(n)} rows have the id ${String(id)}`)
}

interface Page {
  lines: string[]
  last: SQLOutputValue | undefined
}

function readPage(
  db: DatabaseSync,
  table: string,
  columns: readonly string[],
  after: SQLOutputValue | undefined,
): Page {
  // Text comes as its bytes: what is not UTF-8 would be replaced on the way.
  const values = columns.map(
    (name, at) =>
      `typeof(${quoted(name)}) AS t${at}, CASE typeof(${quoted(name)}) WHEN 'text' THEN CAST(${quoted(name)} AS BLOB) ELSE ${quoted(name)} END AS v${at}`,
  )
  const statement = db.prepare(
    `SELECT "id" AS key, ${values.join(', ')} FROM ${quoted(table)} ${after === undefined ? '' : 'WHERE "id" > ?'} ORDER BY "id" LIMIT ${pageRows}`,
  )
  statement.setReadBigInts(true) // ids above 2^53 would be others
  const page: Page = { lines: [], last: after }
  let bytes = 0
  for (const row of statement.iterate(...(after === undefined ? [] : [after]))) {
    const line = lineOf(row, columns)
    page.lines.push(line)
    page.last = row['key']
    bytes += line.length
    if (bytes > pageBytesMax) break
  }
  return page
}

function lineOf(row: Record<string, SQLOutputValue>, columns: readonly string[]): string {
  const members = columns.flatMap((name, at) => membersOf(name, row[`t${at}`], row[`v${at}`]!))
  return `{${members.join(',')}}`
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Numbers with all their digits; text that is not UTF-8 readable, and beside it its bytes. */
function membersOf(name: string, type: unknown, value: SQLOutputValue): string[] {
  const member = (as: string, text: string): string => `${JSON.stringify(as)}:${text}`
  if (value === null) return []
  if (typeof value === 'bigint') return [member(name, String(value))]
  if (typeof value === 'number') return [member(name, Number.isFinite(value) ? String(value) : `"${value}"`)]
  if (typeof value === 'string') return [member(name, JSON.stringify(value))]
  const bytes = Buffer.from(value)
  if (type === 'blob') return [member(name, `"\\\\x${bytes.toString('hex')}"`)]
  try {
    return [member(name, JSON.stringify(utf8.decode(bytes)))]
  } catch {
    return [
      member(name, JSON.stringify(bytes.toString('utf8'))),
      member(`${name} (base64)`, `"${bytes.toString('base64')}"`),
    ]
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

function noSuchTable(db: DatabaseSync, path: string, table: string): AuditError {
  const names = db.prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') LIMIT 20").all()
  return new AuditError('not_found', `${path} has no table ${table}.`, {
    hint:
      names.length === 0
        ? 'it has none at all'
        : `it has ${names.map(({ name }) => String(name)).join(', ')}: name one with --table`,
  })
}

/** What SQLite says, as an error that says where. */
function readable<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof AuditError) throw cause
    const says = cause instanceof Error ? cause.message : String(cause)
    throw new AuditError('input_malformed', `${path} cannot be read: ${says}.`, {
      hint: 'name an SQLite file that this user may read; while another program holds its lock, try again',
      cause,
    })
  }
}
