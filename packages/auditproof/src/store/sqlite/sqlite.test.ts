import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { EventMaker, testStore, TestSources, type StoreHarness } from '../../testing/index.ts'
import { watchesNothing, type Store } from '../store.ts'
import { sqliteStore } from './index.ts'
import { openForReading, openForWriting, pragma } from './open.ts'
import { SqliteReader } from './reader.ts'
import { SqliteWriter } from './writer.ts'

const name = 'audit.example.org/sqlite'
const base = mkdtempSync(join(tmpdir(), 'auditproof-sqlite-'))
let number = 0
let directory = ''
const newDirectory = (): void => void (directory = mkdtempSync(join(base, `${number++}-`)))
newDirectory()
const file = (): string => join(directory, 'audit.db')
afterAll(() => rmSync(base, { recursive: true, force: true }))

const insertPending: StoreHarness['insertPending'] = async (json) => {
  const db = new DatabaseSync(file(), { timeout: 5_000 })
  db.prepare('INSERT INTO pending (submission) VALUES (?)').run(json)
  db.close()
}
const destroy: StoreHarness['destroy'] = async () => newDirectory()

const onTestClock: StoreHarness['open'] = async (sources) => {
  const writer = new SqliteWriter({ path: file(), newStoreName: name }, sources)
  return storeInThisThread(writer.open(), writer, new SqliteReader(file()))
}
testStore('SQLite', { open: onTestClock, second: onTestClock, destroy, insertPending }, { describe, it, expect })

/** The driver without its threads, so that a test can set its clock. */
function storeInThisThread(storeName: string, writer: SqliteWriter, reader: SqliteReader): Store {
  let closed = false
  const call = (target: object, method: string, args: unknown[]): unknown =>
    (target as Record<string, (...args: unknown[]) => unknown>)[method]!(...args)
  return new Proxy({} as Store, {
    get(_, method: string) {
      if (method === 'name') return storeName
      if (method === 'then') return undefined
      if (method === 'watch') return () => watchesNothing
      return async (...args: unknown[]): Promise<unknown> => {
        if (method === 'close') {
          if (!closed) [reader, writer].forEach((side) => side.close())
          closed = true
          return undefined
        }
        if (closed) throw Object.assign(new Error('closed'), { code: 'closed' })
        if (method === 'append') return writer.append(`[${(args[0] as string[]).join(',')}]`)
        return call(method in writer ? writer : reader, method, args)
      }
    },
  })
}

describe('the SQLite driver with its threads', () => {
  it('gives what the same driver gives without them, errors with their codes', async () => {
    newDirectory()
    const store = await threaded()
    const events = new EventMaker(new TestSources()).makeMany(3)
    const outcomes = await store.append(events.map((event) => JSON.stringify(event)))
    expect(outcomes).toMatchObject([0, 1, 2].map((index) => ({ state: 'stored', index, duplicate: false })))
    const { log, size, root } = (await store.unpublished(0, 1))[0]!
    await store.publish([{ log, size, root, note: 'a note', keep: true }])
    expect(await store.feed(0, 9)).toEqual([{ position: 1, log, from: 0, to: 3 }])
    expect((await store.entries(log, 0, 9)).map(({ leafHash }) => leafHash)).toEqual(
      outcomes.map((one) => 'leafHash' in one && one.leafHash),
    )
    await expect(store.tile(log, 0, 0, 4)).rejects.toMatchObject({ name: 'AuditError', code: 'not_found' })
    const submission = JSON.stringify(events[0])
    await expect(store.eraseContent({ tenant: 'acme', items: [], submission })).rejects.toMatchObject({
      code: 'erase_refused',
    })
    await Promise.all([store.close(), store.close()])
    await expect(store.append([submission])).rejects.toMatchObject({ code: 'closed' })
    await expect(store.heads()).rejects.toMatchObject({ code: 'closed' })
  })

  it('opened for reading makes nothing and writes nothing', async () => {
    newDirectory()
    await expect(sqliteStore({ path: file(), name, readOnly: true })).rejects.toMatchObject({
      code: 'store_unavailable',
    })
    await (await threaded()).close()
    const store = await sqliteStore({ path: file(), name: 'another', readOnly: true })
    expect(store.name).toBe(name)
    await expect(store.append(['{}'])).rejects.toMatchObject({ code: 'store_unavailable' })
    await store.close()
  })
})

const threaded = (): Promise<Store> => sqliteStore({ path: file(), name })

describe('the SQLite file', () => {
  beforeEach(newDirectory)
  const newFile = (): DatabaseSync => openForWriting(file(), { name, createdAt: '2026-01-01T00:00:00.000Z' })

  it('is durable and overwrites what is deleted, also when it is opened again', () => {
    for (let open = 0; open < 3; open++) {
      const db = newFile()
      expect(
        ['synchronous', 'journal_mode', 'secure_delete', 'recursive_triggers'].map((one) => pragma(db, one)),
      ).toEqual([2, 'wal', 1, 1])
      db.close()
    }
  })

  it('is refused when it is no database, another application’s, newer, or not there', () => {
    expect(() => openForReading(file())).toThrow(/no audit store/)
    const foreign = new DatabaseSync(file())
    foreign.exec('CREATE TABLE invoices (n)')
    foreign.close()
    expect(newFile).toThrow(expect.objectContaining({ code: 'store_format' }))
    newDirectory()
    newFile().close()
    const newer = new DatabaseSync(file())
    newer.exec('PRAGMA user_version = 3')
    newer.close()
    expect(newFile).toThrow(/format 3; this auditproof knows format 2/)
    expect(() => openForReading(file())).toThrow(/format 3/)
  })

  it('stores the others of a batch when a constraint refuses one', async () => {
    const store = await threaded()
    const db = new DatabaseSync(file())
    db.exec(
      "CREATE TRIGGER refuse BEFORE INSERT ON entry WHEN NEW.id = 'e3' BEGIN SELECT RAISE(ABORT, 'not this one'); END",
    )
    db.close()
    const events = new EventMaker(new TestSources()).makeMany(5)
    const outcomes = await store.append(events.map((event, i) => JSON.stringify({ ...event, id: `e${i}` })))
    expect(outcomes.map((one) => ('index' in one ? one.index : 'code' in one && one.code))).toEqual([
      0,
      1,
      2,
      'store_rejected',
      3,
    ])
    expect(await store.headOf('acme')).toMatchObject({ size: 4 })
    await store.close()
  })

  it('appends on after a batch that was split and then could not be committed', () => {
    const writer = new SqliteWriter({ path: file(), newStoreName: name })
    const events = new EventMaker(new TestSources()).makeMany(8).map((event, i) => ({ ...event, id: `e${i}` }))
    writer.open()
    const db = new DatabaseSync(file())
    // Refuses one event; and until it is dropped, fails the whole transaction as a full disk would.
    db.exec(
      "CREATE TRIGGER refuse BEFORE INSERT ON entry WHEN NEW.id = 'e3' BEGIN SELECT RAISE(ABORT, 'not this one'); END",
    )
    db.exec(
      "CREATE TRIGGER full BEFORE INSERT ON entry WHEN NEW.id = 'e7' BEGIN SELECT RAISE(ROLLBACK, 'as a full disk'); END",
    )
    expect(writer.append(JSON.stringify(events.slice(0, 1)))).toMatchObject([{ index: 0 }])
    expect(() => writer.append(JSON.stringify(events))).toThrow()
    db.exec('DROP TRIGGER full')
    db.close()
    expect(
      writer.append(JSON.stringify(events)).map((one) => ('index' in one ? one.index : 'code' in one && one.code)),
    ).toEqual([0, 1, 2, 'store_rejected', 3, 4, 5, 6])
    writer.close()
  })

  it('takes what a process that died left in the write-ahead log to the disk before it calls it stored', () => {
    const dying = new SqliteWriter({ path: file(), newStoreName: name })
    dying.open()
    const batch = JSON.stringify(new EventMaker(new TestSources()).makeMany(2))
    dying.append(batch)
    const left = join(directory, 'left.db')
    for (const ending of ['', '-wal']) copyFileSync(file() + ending, left + ending)
    dying.close()
    expect(statSync(`${left}-wal`).size).toBeGreaterThan(0)
    const next = new SqliteWriter({ path: left, newStoreName: name })
    next.open()
    expect(statSync(`${left}-wal`).size).toBe(0)
    expect(next.append(batch)).toMatchObject([{ duplicate: true }, { duplicate: true }])
    next.close()
  })

  it('keeps in pending what it could not append, behind the others', async () => {
    const store = await threaded()
    const db = new DatabaseSync(file())
    db.exec(
      "CREATE TRIGGER refuse BEFORE INSERT ON entry WHEN NEW.id = 'bad' BEGIN SELECT RAISE(ABORT, 'not this one'); END",
    )
    const [bad, good] = new EventMaker(new TestSources()).makeMany(2)
    for (const event of [{ ...bad!, id: 'bad' }, good]) await insertPending(JSON.stringify(event))
    expect(await store.drainPending(1)).toMatchObject([{ state: 'rejected', code: 'store_rejected' }])
    expect(await store.drainPending(1)).toMatchObject([{ state: 'stored' }])
    db.exec('DROP TRIGGER refuse')
    db.close()
    expect(await store.drainPending(9)).toMatchObject([{ state: 'stored', index: 1 }])
    expect(await store.drainPending(9)).toEqual([])
    await store.close()
  })

  it('holds nothing of what was erased, neither in the file nor beside it', async () => {
    const store = await threaded()
    const events = new EventMaker(new TestSources())
    const event = events.make({ actor: { type: 'user', id: 'u_canary', name: 'Canary Bird' } })
    await store.append([JSON.stringify(event)])
    const { log } = (await store.headOf(event.tenant))!
    const [entry] = await store.entries(log, 0, 1)
    const secret = entry!.content!.disclosures[0]!
    const holds = (text: string): boolean =>
      readdirSync(directory).some((name) => readFileSync(join(directory, name)).includes(text))
    expect([holds(secret), holds('Canary')]).toEqual([true, true])
    const submission = JSON.stringify(events.make({ id: 'erasure', action: 'audit.erase' }))
    await store.eraseContent({ tenant: event.tenant, items: [{ index: 0, groups: ['actor'] }], submission })
    expect([holds(secret), holds('Canary'), holds(entry!.id)]).toEqual([false, false, true])
    await store.close()
    expect([holds(secret), holds('Canary')]).toEqual([false, false])
  })

  it('takes no event for a log that was changed, and every other', async () => {
    const events = new EventMaker(new TestSources())
    const text = (tenant: string): string => JSON.stringify(events.make({ tenant }))
    const store = await threaded()
    await store.append([text('acme'), text('other')])
    await store.close()
    const db = new DatabaseSync(file())
    db.exec('DROP TRIGGER entry_no_update')
    db.exec(`UPDATE entry SET entry = CAST(replace(CAST(entry AS TEXT), 'info', 'notice') AS BLOB)
      WHERE log IN (SELECT log FROM log WHERE tenant <> 'other')`)
    db.close()
    const again = await threaded()
    // A new tenant's log would have to be announced in _system, which was changed too.
    expect(await again.append([text('acme'), text('other'), text('fresh')])).toMatchObject([
      { state: 'rejected', code: 'store_corrupt' },
      { state: 'stored', index: 1 },
      { state: 'rejected', code: 'store_corrupt' },
    ])
    await again.close()
  })

  it('lets no statement change or remove what is append-only, whatever the connection says', async () => {
    const store = await threaded()
    const events = new EventMaker(new TestSources())
    await store.append(events.makeMany(300).map((event) => JSON.stringify(event)))
    await store.publish(
      (await store.unpublished(0, 9)).map(({ log, size, root }) => ({ log, size, root, note: 'a note', keep: true })),
    )
    await store.close()
    const db = new DatabaseSync(file())
    db.exec('PRAGMA recursive_triggers = OFF')
    const log = '(SELECT max(log) FROM log)'
    const position = '(SELECT max(position) FROM entry)'
    const forbidden = [
      ...['store', 'log', 'entry', 'content', 'tile', 'checkpoint', 'feed'].map((table) => `DELETE FROM ${table}`),
      "UPDATE store SET name = 'x'",
      "UPDATE log SET tenant = 'x'",
      "UPDATE entry SET id = 'x'",
      "UPDATE content SET actor = 'x'",
      'UPDATE tile SET n = 9',
      "UPDATE checkpoint SET note = 'x'",
      'UPDATE feed SET to_idx = 9',
      "INSERT INTO store VALUES ('second', '')",
      "REPLACE INTO log SELECT log, 'renamed', origin, created_at FROM log LIMIT 1",
      "INSERT INTO log VALUES (99, 't', 'o', '')",
      "REPLACE INTO entry (position, id, entry, leaf_hash) SELECT position, 'x', entry, leaf_hash FROM entry LIMIT 1",
      `REPLACE INTO entry (position, id, entry, leaf_hash) SELECT ${position} + 1, id, entry, leaf_hash FROM entry ORDER BY position DESC LIMIT 1`,
      `INSERT INTO entry (position, id, entry, leaf_hash) VALUES (${position} + 2, 'gap', x'', x'')`,
      `REPLACE INTO content (position, disclosures) VALUES (${position}, '')`,
      `INSERT INTO content (position, disclosures) VALUES (${position} + 9, '')`,
      'REPLACE INTO tile SELECT log, level, n, hashes, root FROM tile LIMIT 1',
      `REPLACE INTO checkpoint SELECT log, size, prev_size, 'x', created_at FROM checkpoint LIMIT 1`,
      'REPLACE INTO feed SELECT position, log, 0, 0 FROM feed LIMIT 1',
      `INSERT INTO erasure VALUES (${log}, 0, 'actor', 999999)`,
    ]
    for (const sql of forbidden)
      expect(() => db.exec(sql), sql).toThrow(/append-only|takes only|goes only|belongs to|names an event|one row/)
    db.close()
  })
})
