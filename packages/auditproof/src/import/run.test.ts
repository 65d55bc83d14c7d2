import { expect, test } from 'vitest'
import { AuditError } from '../errors.ts'
import type { ImportItem } from './to-item.ts'
import { runImport, type ImportCounts } from './run.ts'

const event = (line: number): ImportItem => ({
  source: 's',
  line,
  events: [{ action: `a.n${line}`, event: {} }],
  notMapped: line % 2 === 0 ? ['even', 'b.c'] : ['b.c'],
})
async function* items(count: number): AsyncGenerator<ImportItem> {
  for (let line = 1; line <= count; line++) yield event(line)
}
const tick = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

test('events are handed over in order, no more of them under way than allowed', async () => {
  const order: string[] = []
  let underWay = 0
  let most = 0
  const counts = await runImport({
    records: items(50),
    concurrency: 4,
    record: async (action) => {
      order.push(action)
      most = Math.max(most, ++underWay)
      await tick(Math.random() * 3)
      underWay--
      return { duplicate: order.length % 2 === 0 }
    },
  })
  expect(order).toEqual(Array.from({ length: 50 }, (_, n) => `a.n${n + 1}`))
  expect(most).toBe(4)
  expect(counts.read).toBe(50)
  expect(counts.imported + counts.duplicates).toBe(50)
})

test('malformed lines and events the store refuses are named, counted and passed over', async () => {
  const named: unknown[] = []
  async function* records(): AsyncGenerator<ImportItem> {
    yield { malformed: { source: 's', line: 1, reason: 'it is not JSON' } }
    yield* items(3)
  }
  const counts = await runImport({
    records: records(),
    record: async (action) => {
      if (action === 'a.n2') throw new AuditError('id_conflict', 'other content')
      return { duplicate: false }
    },
    onMalformed: (malformed) => named.push(malformed),
  })
  expect(counts).toMatchObject({ read: 4, imported: 2, duplicates: 0, malformed: 2 })
  expect(named).toEqual([
    { source: 's', line: 1, reason: 'it is not JSON' },
    { source: 's', line: 2, reason: 'it was imported already with other content' },
  ])
})

test('the first error stops the run once all under way has settled, and progress says how far it came', async () => {
  const progress: ImportCounts[] = []
  let submitted = 0
  let settled = 0
  const run = runImport({
    records: items(1000),
    concurrency: 5,
    onProgress: (counts) => progress.push(counts),
    record: async (action) => {
      submitted++
      await tick(action === 'a.n7' ? 0 : 5)
      settled++
      if (action === 'a.n7') throw new AuditError('disk_full', 'no room')
      return { duplicate: false }
    },
  })
  await expect(run).rejects.toMatchObject({ code: 'disk_full' })
  expect(settled).toBe(submitted)
  expect(submitted).toBeLessThan(20)
  expect(progress.at(-1)).toMatchObject({ imported: submitted - 1 })
})

test('an error of a source comes out after what was read before it is stored', async () => {
  let imported = 0
  async function* records(): AsyncGenerator<ImportItem> {
    yield* items(3)
    throw new AuditError('input_malformed', 'cut off')
  }
  const record = async (): Promise<{ duplicate: boolean }> => {
    await tick(2)
    imported++
    return { duplicate: false }
  }
  await expect(runImport({ records: records(), record })).rejects.toMatchObject({ code: 'input_malformed' })
  expect(imported).toBe(3)
})

test('a signal ends the run also while the source waits for input, and what was done is told', async () => {
  const abort = new AbortController()
  async function* records(): AsyncGenerator<ImportItem> {
    yield event(1)
    await new Promise(() => {})
  }
  const run = runImport({ records: records(), record: async () => ({ duplicate: false }), signal: abort.signal })
  setTimeout(() => abort.abort(), 5)
  expect(await run).toMatchObject({ read: 1, imported: 1, interrupted: true })
})

test('an error of a listener ends the run, it does not vanish', async () => {
  const run = runImport({
    records: items(3),
    record: async () => {
      throw new AuditError('id_conflict', 'x')
    },
    onMalformed: () => {
      throw new Error('the listener failed')
    },
  })
  await expect(run).rejects.toThrow('the listener failed')
})

test('members that no mapping reads are counted by record, most frequent first', async () => {
  const { notMapped, interrupted } = await runImport({
    records: items(5),
    record: async () => ({ duplicate: false }),
  })
  expect(Object.entries(notMapped)).toEqual([
    ['b.c', 5],
    ['even', 2],
  ])
  expect(interrupted).toBe(false)
})

test('a record of several events counts once, its events one by one', async () => {
  async function* records(): AsyncGenerator<ImportItem> {
    yield { source: 's', line: 1, events: ['a', 'b', 'c'].map((action) => ({ action, event: {} })), notMapped: [] }
  }
  const order: string[] = []
  const counts = await runImport({
    records: records(),
    record: async (action) => ({ duplicate: order.push(action) === 3 }),
  })
  expect(counts).toMatchObject({ read: 1, imported: 2, duplicates: 1, malformed: 0 })
  expect(order).toEqual(['a', 'b', 'c'])
})
