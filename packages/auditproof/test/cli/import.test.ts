/** An import, twice: the second brings nothing new and leaves no trace. */
import { copyFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { Workplace } from './run.ts'

const place = new Workplace()
afterAll(() => place[Symbol.dispose]())
const fixture = (name: string): string => new URL(`../fixtures/import/${name}`, import.meta.url).pathname

test('all of the second run are duplicates', async () => {
  copyFileSync(fixture('events.ndjson'), place.path('events.ndjson'))
  const command = ['import', 'ndjson', 'events.ndjson', '--json']
  const first = await place.here(command)
  const counts = JSON.parse(first.stdout) as { [name: string]: number }
  expect(Object.keys(counts)).toEqual(['read', 'imported', 'duplicates', 'malformed'])
  expect(counts).toMatchObject({ imported: 3, duplicates: 0, malformed: 2 })
  expect(first.stderr).toContain('events.ndjson:3: it is not JSON')

  const second = await place.here(command)
  expect(JSON.parse(second.stdout)).toEqual({ ...counts, imported: 0, duplicates: counts['imported'] })
  expect([first.code, second.code]).toEqual([0, 0])

  const system = await place.here(['log', '--tenant', '_system', '--action', 'import.run', '-o', 'jsonl'])
  const runs = system.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  expect(runs).toEqual([
    expect.objectContaining({ details: expect.objectContaining({ kind: 'ndjson', imported: 3 }) as object }),
  ])
})

test('a tenant that is asked for and not found is unassigned', async () => {
  const { stdout } = await place.here([
    'import',
    'cloudtrail',
    fixture('records.json'),
    '--tenant-from',
    '/nowhere/at/all',
    '--data',
    'b',
    '--json',
  ])
  expect(JSON.parse(stdout)).toMatchObject({ duplicates: 0 })
  const { stdout: tenants } = await place.here(['checkpoint', 'list', '--data', 'b'])
  expect(tenants).toContain('_unassigned')
})
