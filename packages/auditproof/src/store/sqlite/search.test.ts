/** The search through a tree as tall as that of millions of entries, of which only some are there. */
import { DatabaseSync } from 'node:sqlite'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tries } from '../../../test/effort.ts'
import { anyQuery, listAll } from '../../testing/store/list.ts'
import { random } from '../../testing/random.ts'
import { leafWidth, nodeWidth } from '../offsets.ts'
import { comparePositions, isInTime, meets, type ListQuery } from '../search.ts'
import type { Store } from '../store.ts'
import { IndexBuilder } from './build-index.ts'
import { positionOf } from './place.ts'
import { PostingRows } from './postings.ts'
import { SqliteReader } from './reader.ts'

interface Known {
  at: number
  log: number
  index: number
  id: string
  tenant: string
  keys: Set<string>
}

const seed = Math.floor(Math.random() * 2 ** 32)
const chance = random(seed)
const db = new DatabaseSync(':memory:')
const reader = new SqliteReader(':none:', db)
const store = { list: async (query: ListQuery) => reader.list(query) } as unknown as Store
const known: Known[] = []

/** One log with two levels above its leaves and a rest, and one with none. */
const sizes = [leafWidth * nodeWidth * nodeWidth + 3 * leafWidth * nodeWidth + 5 * leafWidth + 77, 5_000]

const mostlyInOrder = (index: number): number =>
  Date.UTC(2026, 0, 1) + index * 10 - (chance.below(30) === 0 ? chance.below(1e6) : 0)

beforeAll(() => {
  db.exec(readFileSync(new URL('schema.sql', import.meta.url), 'utf8'))
  db.exec('DROP TRIGGER entry_guard; DROP TRIGGER content_guard; DROP TRIGGER erasure_guard') // most entries are left out
  const postings = new PostingRows(db)
  sizes.forEach((size, i) => {
    const log = i + 1
    db.prepare('INSERT INTO log (log, tenant, origin, created_at) VALUES (?, ?, ?, ?)').run(
      log,
      `t${log}`,
      `o${log}`,
      '',
    )
    db.prepare("INSERT INTO head (log, size, root, recorded_at) VALUES (?, ?, x'00', '')").run(log, size)
    const gathered = postings.of(log)
    for (let index = chance.below(900); index < size; index += 1 + chance.below(900))
      put(gathered, log, `t${log}`, index, mostlyInOrder(index))
    if (known.at(-1)?.index !== size - 1) put(gathered, log, `t${log}`, size - 1, mostlyInOrder(size - 1))
    gathered.write()
  })
  const builder = new IndexBuilder(db)
  while (builder.build() > 0);
})
afterAll(() => db.close())

function put(gathered: ReturnType<PostingRows['of']>, log: number, tenant: string, index: number, ms: number): void {
  const position = positionOf(log, index)
  const keys = [`a${chance.pick(['x', 'y', 'z'])}`, `u${chance.below(5)}`, `tc_${chance.below(40)}`, `r${position}`]
  const time = new Date(ms).toISOString().slice(0, -1)
  db.prepare('INSERT INTO entry (position, id, entry, leaf_hash) VALUES (?, ?, ?, ?)').run(
    position,
    `e${position}`,
    new Uint8Array(),
    new Uint8Array(),
  )
  db.prepare("INSERT INTO content (position, occurred_at, disclosures) VALUES (?, ?, '')").run(position, time)
  gathered.addEntry(index, keys, ms * 1000)
  known.push({ at: ms * 1000, log, index, id: `e${position}`, tenant, keys: new Set(keys) })
}

/** A log of so many leaves with a few entries in each. */
function addLog(tenant: string, leaves: number, each: number, timeMs: () => number): void {
  const log = db.prepare('SELECT max(log) + 1 AS log FROM log').get()!['log'] as number
  const size = leaves * leafWidth
  db.prepare("INSERT INTO log (log, tenant, origin, created_at) VALUES (?, ?, ?, '')").run(log, tenant, tenant)
  db.prepare("INSERT INTO head (log, size, root, recorded_at) VALUES (?, ?, x'00', '')").run(log, size)
  const gathered = new PostingRows(db).of(log)
  for (let leaf = 0; leaf < leaves; leaf++)
    for (let i = 0; i < each; i++) put(gathered, log, tenant, leaf * leafWidth + i * 7, timeMs())
  gathered.write()
  const builder = new IndexBuilder(db)
  while (builder.build() > 0);
}

function expected(query: ListQuery): string[] {
  return known
    .filter(
      (one) =>
        meets(one.keys, query.conditions) && isInTime(query, one.at) && (query.tenant ?? one.tenant) === one.tenant,
    )
    .map((one) => (query.order === 'time' ? one : { ...one, at: one.index }))
    .sort((a, b) => (query.descending ? -1 : 1) * comparePositions(a, b))
    .map(({ id }) => id)
}

async function check(query: ListQuery): Promise<void> {
  const found = await listAll(store, query, 300 + chance.below(700))
  expect(
    found.map(({ id }) => id),
    `${JSON.stringify(query)} (seed ${seed})`,
  ).toEqual(expected(query))
}

test('the levels above the leaves are there, each key of a leaf in them', () => {
  const levels = db
    .prepare('SELECT level, count(*) AS n, sum(top) AS tops FROM node WHERE log = 1 GROUP BY level')
    .all()
  expect(levels.map((row) => ({ ...row }))).toEqual([
    { level: 0, n: nodeWidth * nodeWidth + 3 * nodeWidth + 6, tops: 6 },
    { level: 1, n: nodeWidth + 3, tops: 3 },
    { level: 2, n: 1, tops: 1 },
  ])
  const lost = db.prepare(
    `SELECT count(*) AS n FROM posting AS below JOIN carried AS above ON above.log = below.log AND above.level = 1
       AND above.n = below.leaf / ${nodeWidth} AND above.key = below.key
     WHERE above.children & (1 << (below.leaf % ${nodeWidth})) = 0`,
  )
  expect(lost.get()).toMatchObject({ n: 0 })
})

test('finds exactly what is there, whatever is asked for', async () => {
  for (let round = 0; round < tries(40, 8); round++) await check(anyQuery(chance, known))
})

test('what matches nothing is known after a few looks, and so is what matches once', () => {
  let statements = 0
  const counted = new SqliteReader(
    ':none:',
    new Proxy(db, {
      get(target, name) {
        if (name !== 'prepare')
          return typeof target[name as never] === 'function'
            ? (target[name as never] as () => unknown).bind(target)
            : target[name as never]
        return (sql: string) => {
          const statement = target.prepare(sql)
          return {
            all: (...values: never[]) => (statements++, statement.all(...values)),
            get: (...values: never[]) => (statements++, statement.get(...values)),
          }
        }
      },
    }),
  )
  const key = [...known[Math.floor(known.length / 3)]!.keys].at(-1)!
  const ask = (any: string): number => {
    statements = 0
    counted.list({
      tenant: 't1',
      conditions: [{ any: [{ key: any }], not: false }],
      order: 'time',
      descending: true,
      limit: 50,
    })
    return statements
  }
  expect(ask('rnothing')).toBeLessThan(20)
  expect(ask(key)).toBeLessThan(40)
})

test('a search that finds little stops at its bound and goes on from there', async () => {
  const query = {
    conditions: [
      { any: [{ prefix: 't' }], not: false },
      { any: [{ prefix: 'r' }], not: true },
    ],
    order: 'time',
    descending: true,
    limit: 10,
  } as const
  const first = await store.list(query)
  expect(first.rows).toEqual([])
  expect(first.next).toBeDefined()
  expect(await listAll(store, query, 10)).toEqual([])
})

test('a list ends and repeats nothing where every leaf reaches over all of time', async () => {
  addLog('mixed', 150, 4, () => Date.UTC(2026, 0, 1) + chance.below(1e10))
  for (const conditions of [[], [{ any: [{ key: 'u3' }], not: false }]])
    for (const order of ['time', 'index'] as const)
      for (const descending of [true, false]) await check({ tenant: 'mixed', conditions, order, descending, limit: 1 })
})

test('by index too, where many alternatives are looked for in many leaves', async () => {
  const any = Array.from({ length: 30 }, (_, i) => ({ key: `tc_${i}` }))
  for (const descending of [true, false])
    await check({ tenant: 't1', conditions: [{ any, not: false }], order: 'index', descending, limit: 1 })
})

test('a page is bounded also where everything happened at one time', async () => {
  addLog('imported', 400, 2, () => Date.UTC(2020, 0, 1))
  const query = {
    tenant: 'imported',
    conditions: [{ any: [{ key: 'unobody' }, { prefix: 'r' }], not: false }],
    order: 'time',
    descending: true,
    limit: 1_000,
  } as const
  const page = await store.list(query)
  expect(page.rows.length).toBeLessThan(400)
  expect(page.next).toBeDefined()
  await check(query)
  await check({ ...query, descending: false })
})

test('an erased key is gone at every level, and a new one is there', async () => {
  const postings = new PostingRows(db)
  for (let i = 0; i < 200; i++) {
    const one = chance.pick(known)
    const lost = chance.pick([...one.keys])
    db.prepare('INSERT OR IGNORE INTO erasure (log, idx, disclosure_group, by_idx) VALUES (?, ?, ?, ?)').run(
      one.log,
      one.index,
      'actor',
      0,
    )
    postings.remove(one.log, one.index, lost)
    one.keys.delete(lost)
    postings.insert(one.log, one.index, 'zerased')
    one.keys.add('zerased')
  }
  await check({ conditions: [{ any: [{ key: 'zerased' }], not: false }], order: 'time', descending: true, limit: 10 })
  const left = db.prepare('SELECT count(*) AS n FROM carried WHERE children = 0').get()
  expect(left).toMatchObject({ n: 0 })
  for (let round = 0; round < tries(20, 4); round++) await check(anyQuery(chance, known))
})
