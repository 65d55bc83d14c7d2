/** The mail archive's file against its table: what either lacks, lines that are torn, and the same thing said twice. */
import { appendFileSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { openPostgresTable } from '../../src/import/index.ts'
import { Workplace } from '../cli/run.ts'
import { readTable, type Read } from '../import/table.ts'
import { newDatabase, type TestDatabase } from './database.ts'
import { tables, variants } from './replaced-tables.ts'

const place = new Workplace()
afterAll(() => place[Symbol.dispose]())
const file = place.path('audit.jsonl')

let db: TestDatabase
beforeEach(async () => {
  db = await newDatabase()
  await db.query(tables.mailarchive(variants[0]!))
})
afterEach(() => db.drop())

interface Said {
  second: number
  name: string
  detail?: string
}

const lineOf = ({ second, name, detail }: Said): string =>
  // As Go writes it: members in this order, empty ones left out.
  JSON.stringify({
    timestamp: `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`,
    event_type: 'search',
    username: name,
    ip_address: '10.0.0.1',
    success: true,
    ...(detail !== undefined && { detail }),
  })

async function addRow({ second, name, detail = '' }: Said): Promise<void> {
  const at = `2026-01-01 00:00:${String(second).padStart(2, '0')}.${String(name.length).padStart(6, '9')}Z`
  await db.query(
    `INSERT INTO audit_log (timestamp, event_type, username, ip_address, detail) VALUES ($1, 'search', $2, '10.0.0.1', $3)`,
    [at, name, detail],
  )
}

const write = (...lines: string[]): void => writeFileSync(file, lines.map((line) => `${line}\n`).join(''))

const compare = async (): Promise<Read> =>
  readTable(await openPostgresTable(db.url, 'audit_log'), { like: 'mailarchive', jsonl: [file] })

const ada = { second: 1, name: 'ada' }
const bob = { second: 2, name: 'bob', detail: '<b>"ü"</b>' }
const eve = { second: 3, name: 'eve' }

test('a file that says what the table says agrees, though it knows seconds only', async () => {
  for (const said of [ada, bob]) await addRow(said)
  write(lineOf(ada), lineOf(bob).replace('<', String.raw`\u003c`))
  const { events, reconciliation } = await compare()
  expect(events).toHaveLength(2)
  expect(reconciliation).toEqual({
    files: [file],
    records: 2,
    matched: 2,
    rowsNotInFile: { count: 0, ids: [] },
    linesNotInTable: { count: 0, places: [] },
    tornLines: { count: 0, places: [], recovered: 0, pieces: 0 },
    unreadableLines: { count: 0, places: [] },
    writtenMeanwhile: 0,
  })
})

test('what either lacks is told, and what only the file says is imported with a source of its own', async () => {
  for (const said of [ada, bob]) await addRow(said)
  write(lineOf(ada), lineOf(eve))
  const { events, reconciliation } = await compare()
  expect(reconciliation).toMatchObject({
    matched: 1,
    rowsNotInFile: { count: 1, ids: ['2'] },
    linesNotInTable: { count: 1, places: [`${file}:2`] },
  })
  expect(events.map(({ origin, actor }) => [origin.source, origin.sourceId, actor.id])).toEqual([
    ['mailarchive', '1', 'ada'],
    ['mailarchive', '2', 'bob'],
    ['mailarchive-jsonl', 'audit.jsonl:2', 'eve'],
  ])
  expect(events[2]).toMatchObject({ occurredAt: '2026-01-01T00:00:03Z', details: { original: lineOf(eve) } })
})

test('the same said several times counts on both sides', async () => {
  for (const said of [ada, ada, bob]) await addRow(said)
  write(lineOf(ada), lineOf(bob), lineOf(bob), lineOf(bob))
  const { events, reconciliation } = await compare()
  expect(reconciliation).toMatchObject({ matched: 2, rowsNotInFile: { count: 1, ids: ['2'] }, linesNotInTable: { count: 2 } }) // prettier-ignore
  expect(events).toHaveLength(5)
  expect(new Set(events.map(({ id }) => id)).size).toBe(5)
  expect((await compare()).events).toEqual(events)
})

test('of torn lines the records are compared, and the rest is imported as text', async () => {
  for (const said of [ada, bob]) await addRow(said)
  const torn = lineOf(eve).slice(0, 50)
  write(torn + lineOf(ada), lineOf(bob) + lineOf(eve), 'no record at all')
  const { events, reconciliation } = await compare()
  expect(reconciliation).toMatchObject({
    records: 3,
    matched: 2,
    rowsNotInFile: { count: 0 },
    linesNotInTable: { count: 1, places: [`${file}:2`] },
    tornLines: { count: 3, places: [`${file}:1`, `${file}:2`, `${file}:3`], recovered: 3, pieces: 2 },
  })
  expect(events.slice(2).map(({ action, details }) => [action, details!['original']])).toEqual([
    ['mailarchive.torn_line', torn],
    ['search', lineOf(eve)],
    ['mailarchive.torn_line', 'no record at all'],
  ])
  expect(events[2]!.occurredAt).toBe('2026-01-01T00:00:03Z')
})

test('a line that is no text is kept byte by byte', async () => {
  writeFileSync(file, Buffer.from([0x7b, 0xff, 0x0a]))
  const { events, reconciliation } = await compare()
  expect(reconciliation).toMatchObject({ unreadableLines: { count: 1, places: [`${file}:1`] } })
  expect(events).toMatchObject([{ details: { reason: 'it is not UTF-8', base64: Buffer.from([0x7b, 0xff]).toString('base64') } }]) // prettier-ignore
})

test('what is written meanwhile is no difference: the row is matched, and a line without one left to the next run', async () => {
  await addRow(ada)
  write(lineOf(ada))
  const table = await openPostgresTable(db.url, 'audit_log')
  const { rows } = table
  table.rows = async function* () {
    await addRow(bob)
    appendFileSync(file, `${lineOf(bob)}\n`)
    yield* rows()
    await addRow(eve)
    appendFileSync(file, `${lineOf(eve)}\n`)
  }
  const { events, reconciliation } = await readTable(table, { like: 'mailarchive', jsonl: [file] })
  expect(reconciliation).toMatchObject({ matched: 2, rowsNotInFile: { count: 0 }, linesNotInTable: { count: 0 }, writtenMeanwhile: 1 }) // prettier-ignore
  expect(events).toHaveLength(2)
  expect((await compare()).reconciliation).toMatchObject({ matched: 3, writtenMeanwhile: 0 })
})

test('the command reports it and ends with 1 while they differ, with 0 when they agree', async () => {
  for (const said of [ada, bob]) await addRow(said)
  write(lineOf(ada), lineOf(eve).slice(0, 50) + lineOf(eve))
  const command = ['import', 'table', db.url, '--like', 'mailarchive', '--jsonl', 'audit.jsonl']
  const first = await place.here(command)
  expect([first.code, first.stdout]).toEqual([
    1,
    `4 records read: 4 events imported, 0 duplicates, 0 malformed
audit.jsonl: 2 records, 1 of them in the table
  1 row of the table not in the file: id 2
  1 record of the file not in the table, imported as mailarchive-jsonl: audit.jsonl:2
  1 torn line, 1 record recovered, 1 piece imported as text: audit.jsonl:2
table and file differ (times compared by the second: the file knows no more)
`,
  ])
  const second = await place.here([...command, '--json'])
  expect(second.code).toBe(1)
  expect(JSON.parse(second.stdout)).toMatchObject({
    imported: 0,
    duplicates: 4,
    reconciliation: { matched: 1, rowsNotInFile: { count: 1, ids: ['2'] } },
  })
  write(lineOf(ada), lineOf(bob))
  const third = await place.here(command)
  expect([third.code, third.stdout]).toEqual([0, expect.stringContaining('table and file agree')])
})

test('a file that is missing, or belongs to no mail archive, is told before anything is read', async () => {
  const missing = await place.here(['import', 'table', db.url, '--like', 'mailarchive', '--jsonl', 'nowhere.jsonl'])
  expect([missing.code, missing.stderr]).toEqual([4, expect.stringContaining('nowhere.jsonl does not exist')])
  const stdin = await place.here(['import', 'table', db.url, '--like', 'mailarchive', '--jsonl', '-'])
  expect([stdin.code, stdin.stderr]).toEqual([2, expect.stringContaining('--jsonl reads its file twice')])
  write(lineOf(ada))
  await db.query(`DROP TABLE audit_log; ${tables.dashboard(variants[0]!)}`)
  const other = await place.here(['import', 'table', db.url, '--like', 'dashboard', '--jsonl', 'audit.jsonl'])
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('--jsonl is for the mail archive')])
})
