/** The embedded audit's SQLite file, in use, in any journal mode, with whatever SQLite lets into its columns. */
import { createHash } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { openSqliteTable } from '../../src/import/index.ts'
import { openReadOnly } from '../../src/store/sqlite/open-read-only.ts'
import { Workplace } from '../cli/run.ts'
import { originalOf, readTable, type Read } from './table.ts'

const folder = mkdtempSync(join(tmpdir(), 'auditproof-embedded-'))
afterAll(() => rmSync(folder, { recursive: true }))

const ddl = `CREATE TABLE IF NOT EXISTS audit ( id INTEGER PRIMARY KEY AUTOINCREMENT, ts INTEGER NOT NULL,
  username TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, module TEXT NOT NULL, status INTEGER NOT NULL )`
const insert = 'INSERT INTO audit (ts, username, method, path, module, status) VALUES (?, ?, ?, ?, ?, ?)'

let files = 0
function newFile(mode = 'DELETE', table = ddl): { path: string; db: DatabaseSync } {
  const path = join(folder, `audit-${++files}.db`)
  const db = new DatabaseSync(path)
  db.exec(`PRAGMA journal_mode = ${mode}; PRAGMA synchronous = OFF; ${table}`)
  return { path, db }
}

const read = (path: string, table = 'audit'): Promise<Read> =>
  readTable(
    openSqliteTable(path, table, (file) => openReadOnly(file).db),
    { like: 'embedded' },
  )

test('a row is an event with who, what, where and how it ended', async () => {
  const { path, db } = newFile()
  db.prepare(insert).run(1_700_000_000, 'ada', 'POST', '/api/users/7?x=1', 'users', 201)
  const { events } = await read(path)
  expect(events).toEqual([
    expect.objectContaining({
      occurredAt: '2023-11-14T22:13:20Z',
      action: 'users.POST',
      outcome: 'success',
      actor: { type: 'user', id: 'ada' },
      targets: [{ type: 'users', id: '/api/users/7?x=1' }],
      context: { module: 'users', http: { method: 'POST', path: '/api/users/7?x=1', status: 201 } },
      origin: { kind: 'import', source: 'embedded', sourceId: '1' },
    }),
  ])
  expect(events[0]!.id).toMatch(/^.{14}8/)
})

test.each([
  [200, 'success'],
  [302, 'success'],
  [399, 'success'],
  [400, 'failure'],
  [401, 'denied'],
  [403, 'denied'],
  [404, 'failure'],
  [500, 'failure'],
  [0, 'unknown'],
])('status %i is %s', async (status, outcome) => {
  const { path, db } = newFile()
  db.prepare(insert).run(1, 'a', 'PUT', '/', 'm', status)
  expect((await read(path)).events.map((event) => event.outcome)).toEqual([outcome])
})

test('a file in WAL mode is read while the other application writes to it, and is not written to', async () => {
  const { path, db } = newFile('WAL')
  const add = db.prepare(insert)
  db.exec('BEGIN')
  for (let n = 0; n < 3_100; n++) add.run(7, 'ada', 'POST', `/${n}`, 'm', 200)
  db.exec('COMMIT')
  const before = digestOf(path)
  const table = openSqliteTable(path, 'audit', (file) => openReadOnly(file).db)
  const rows = table.rows()
  const seen: string[] = []
  for (let n = 0; n < 1_500; n++) seen.push((await rows.next()).value as string)
  add.run(8, 'bob', 'POST', '/late', 'm', 200) // not held up by whoever reads, and met by it
  for await (const line of rows) seen.push(line)
  await table.close()
  expect(seen.map((line) => (JSON.parse(line) as { id: number }).id)).toEqual(
    Array.from({ length: 3_101 }, (_, n) => n + 1),
  )
  expect(digestOf(path)).toBe(before)
  db.close()
})

test('every row becomes one event, whatever it holds, and nothing of it is changed', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((one) => one.isWellFormed())
  const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  const row = fc.tuple(integer, text, text, text, text, fc.oneof(integer, fc.double({ noNaN: true }), text))
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (rows) => {
      const { path, db } = newFile()
      const add = db.prepare(insert)
      for (const one of rows) add.run(...one)
      const first = await read(path)
      expect(first.malformed).toEqual([])
      expect(first.events).toHaveLength(rows.length)
      expect(new Set(first.events.map(({ id }) => id)).size).toBe(rows.length)
      for (const [at, event] of first.events.entries()) {
        const kept = event.details!['original'] as string | { base64: string }
        const original = typeof kept === 'string' ? kept : Buffer.from(kept.base64, 'base64').toString()
        expect(original).toContain(`"ts":${rows[at]![0]},`)
        expect(JSON.parse(original)).toMatchObject({ username: rows[at]![1], path: rows[at]![3] })
      }
      expect((await read(path)).events).toEqual(first.events)
      db.close()
    }),
    { numRuns: 60 },
  )
}, 120_000)

test('rows of a megabyte come a few at a time, each once', async () => {
  const { path, db } = newFile()
  const add = db.prepare(insert)
  for (let n = 0; n < 40; n++) add.run(n, 'ada', 'POST', '/'.padEnd(n === 7 ? 17_000_000 : 1_000_000, 'x'), 'm', 200)
  const table = openSqliteTable(path, 'audit', (file) => openReadOnly(file).db)
  const seen: string[] = []
  for await (const line of table.rows()) seen.push(line.slice(0, 8))
  await table.close()
  expect(seen).toEqual(Array.from({ length: 40 }, (_, n) => `{"id":${n + 1},"ts"`.slice(0, 8)))
})

test('text that is not UTF-8 keeps its bytes beside what can be read of it', async () => {
  const { path, db } = newFile()
  db.exec(`INSERT INTO audit VALUES (1, 1, 'a', 'POST', CAST(x'2fff41' AS TEXT), 'm', 200)`)
  const [event] = (await read(path)).events
  expect(event).toMatchObject({
    targets: [{ id: '/�A' }],
    details: { 'path (base64)': Buffer.from([0x2f, 0xff, 0x41]).toString('base64') },
  })
})

test('extra columns are kept under their names, and a column that is empty is none', async () => {
  const { path, db } = newFile(
    'DELETE',
    `${ddl}; ALTER TABLE audit ADD COLUMN "Ort ""A""" TEXT; ALTER TABLE audit ADD COLUMN original TEXT`,
  )
  db.prepare(insert).run(1, '', 'POST', '/', '', 200)
  db.exec(`UPDATE audit SET "Ort ""A""" = 'Kiel', original = 'mine'`)
  const [event] = (await read(path)).events
  expect(event).toMatchObject({
    action: 'POST',
    actor: { type: 'anonymous' },
    targets: [{ type: 'path', id: '/' }],
    details: { 'Ort "A"': 'Kiel', 'column original': 'mine' },
  })
  expect(originalOf(event!)).toMatchObject({ original: 'mine' })
})

test('a column that is added later, and is null, makes no row another one', async () => {
  const { path, db } = newFile()
  db.prepare(insert).run(1, 'a', 'POST', '/', 'm', 200)
  const before = await read(path)
  db.exec('ALTER TABLE audit ADD COLUMN note TEXT')
  expect((await read(path)).events).toEqual(before.events)
})

test('a table whose ids are not unique is refused, instead of leaving rows out', async () => {
  const { path } = newFile(
    'DELETE',
    `${ddl.replace('INTEGER PRIMARY KEY AUTOINCREMENT', 'INTEGER')};
    INSERT INTO audit VALUES (1, 1, 'a', 'POST', '/', 'm', 200), (1, 1, 'b', 'POST', '/', 'm', 200)`,
  )
  await expect(async () => read(path)).rejects.toThrow('cannot be read row by row: 2 rows have the id 1')
})

test('what cannot be read is told with what to do', async () => {
  const { path } = newFile()
  const text = join(folder, 'text.db')
  writeFileSync(text, 'no database at all, but long enough to be looked at as one '.repeat(20))
  await expect(async () => read(join(folder, 'nowhere.db'))).rejects.toThrow('does not exist')
  await expect(async () => read(text)).rejects.toMatchObject({ code: 'input_malformed' })
  await expect(async () => read(path, 'events')).rejects.toMatchObject({
    code: 'not_found',
    hint: expect.stringContaining('audit') as string,
  })
})

test('the command imports it once, with the tenant that is named, and tells what it is not', async () => {
  using place = new Workplace()
  const { path, db } = newFile()
  db.prepare(insert).run(1, 'ada', 'DELETE', '/api/users/7', 'users', 403)
  const command = ['import', 'table', path, '--like', 'embedded', '--tenant', 'acme']
  expect(await place.here(command)).toMatchObject({ code: 0, stdout: '1 record read: 1 event imported, 0 duplicates, 0 malformed\n' }) // prettier-ignore
  expect(await place.here(command)).toMatchObject({ stdout: '1 record read: 0 events imported, 1 duplicate, 0 malformed\n' }) // prettier-ignore
  const { stdout } = await place.here(['log', '--tenant', 'acme', '-o', 'jsonl', '-q', 'is:imported outcome:denied'])
  expect(JSON.parse(stdout)).toMatchObject({ action: 'users.DELETE', actor: { id: 'ada' } })
  for (const [args, says] of [
    [[path], 'needs to know whose table it is'],
    [[path, '--like', 'dashboard'], 'lies in a PostgreSQL database'],
    [['postgres://h/x', '--like', 'embedded'], 'lies in an SQLite file'],
    [[path, path, '--like', 'embedded'], 'one table at a time'],
    [[path, '--like', 'embeded'], 'did you mean embedded?'],
    [[path, '--like', 'embedded', '--map', 'x'], '--map has no meaning'],
  ] as const) {
    const ran = await place.here(['import', 'table', ...args])
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining(says)])
  }
  const git = await place.here(['import', 'git', path, '--like', 'embedded'])
  expect([git.code, git.stderr]).toEqual([2, expect.stringContaining('--like has no meaning for import git')])
})

test('the id of a row does not depend on where its file lies', async () => {
  const { path, db } = newFile()
  db.prepare(insert).run(1, 'a', 'POST', '/', 'm', 200)
  const elsewhere = mkdtempSync(join(folder, 'copy-'))
  const copy = join(elsewhere, path.split('/').at(-1)!)
  copyFileSync(path, copy)
  expect((await read(copy)).events).toEqual((await read(path)).events)
})

const digestOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')
