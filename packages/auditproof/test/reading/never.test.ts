/** A search whose times contradict each other opens nothing of the index, however much there is. */
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAudit, type Audit } from '../../src/index.ts'
import { parseQuery } from '../../src/query/index.ts'
import { selectionOf } from '../../src/reader/selection.ts'
import { memoryStore } from '../../src/store/memory/index.ts'
import { SqliteReader } from '../../src/store/sqlite/reader.ts'
import { Workplace } from '../cli/run.ts'

const place = new Workplace()
const stores: Audit[] = []
beforeAll(async () => {
  stores.push(
    createAudit({ data: place.path('data'), origin: 'never.example' }),
    createAudit({ store: memoryStore({ name: 'never.example' }) }),
  )
  for (const audit of stores)
    for (const occurredAt of ['1955-01-01T00:00:00Z', '2026-03-01T00:00:00Z', '9999-12-31T23:59:59Z'])
      await audit.record('a.b', { occurredAt })
})
afterAll(async () => {
  for (const audit of stores) await audit.close()
  place[Symbol.dispose]()
})

test.each(['at:>=2026-03-02 at:<2026-03-01', 'at:2026-03-01 -at:2026-03-01'])('%s', async (q) => {
  for (const audit of stores) expect(await audit.list({ q })).toEqual({ events: [] })
  const opened = (query: string): string[] => {
    const asked: string[] = []
    const db = new DatabaseSync(place.path('data/audit.db'), { readOnly: true })
    const prepare = db.prepare.bind(db)
    db.prepare = (sql) => (asked.push(sql), prepare(sql))
    new SqliteReader(':none:', db).list({
      ...selectionOf(parseQuery(query), Date.now()),
      order: 'time',
      descending: true,
      limit: 10,
    })
    db.close()
    return asked.filter((sql) => /posting|carried|leaf_times|content/.test(sql))
  }
  expect(opened(`${q} a`)).toEqual([])
  expect(opened('at:2026-03-01 a')).not.toEqual([])
})
