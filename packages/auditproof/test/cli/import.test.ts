/** An import, twice: the second brings nothing new and leaves no trace; and how it ends when it is stopped. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, writeFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { bareEnv, main, Workplace } from './run.ts'

const place = new Workplace()
afterAll(() => place[Symbol.dispose]())
const fixture = (name: string): string => new URL(`../fixtures/import/${name}`, import.meta.url).pathname

test('all of the second run are duplicates', async () => {
  copyFileSync(fixture('events.ndjson'), place.path('events.ndjson'))
  const command = ['import', 'ndjson', 'events.ndjson', '--json']
  const first = await place.here(command)
  const counts = JSON.parse(first.stdout) as { [name: string]: unknown }
  expect(counts).toEqual({ read: 5, imported: 3, duplicates: 0, malformed: 2, notMapped: {}, interrupted: false })
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

const csv = 'No;When;Who;Verb;Ticket;Seen\r\n1;2024-01-02 03:04:05;ada;close;T-1;x\r\n2;never;bob\r\n'
const mapping = {
  source: 'helpdesk',
  separator: ';',
  event: {
    id: 'No',
    occurredAt: { from: 'When', time: 'local' },
    action: { template: 'ticket.{Verb}' },
    actor: { id: 'Who' },
    target: { type: { value: 'ticket' }, id: 'Ticket' },
  },
}

test('CSV comes in by a mapping; what the mapping does not read is listed', async () => {
  writeFileSync(place.path('tickets.csv'), csv)
  writeFileSync(place.path('map.json'), JSON.stringify(mapping))
  const { stdout, stderr } = await place.here(['import', 'csv', 'tickets.csv', '--map', 'map.json', '--data', 'c'])
  expect(stdout).toBe(
    '2 records read: 1 event imported, 0 duplicates, 1 malformed\nnot mapped, kept in the original: Seen 1\n',
  )
  expect(stderr).toContain('tickets.csv:3: the header has 6 columns, the row 3')
  const log = await place.here(['log', '-o', 'jsonl', '--data', 'c'])
  expect(JSON.parse(log.stdout)).toMatchObject({
    action: 'ticket.close',
    occurredAt: '2024-01-02T03:04:05Z',
    actor: { id: 'ada' },
    origin: { source: 'helpdesk', sourceId: '1' },
    details: { original: '1;2024-01-02 03:04:05;ada;close;T-1;x\r' },
  })
})

test.each([
  [['csv', 'tickets.csv'], 2, '--map FILE'],
  [['okta', 'tickets.csv', '--map', 'map.json'], 2, 'a mapping of its own'],
  [['ndjson', 'tickets.csv', '--map', 'map.json'], 2, 'map.json: separator is for CSV'],
  [['csv', 'tickets.csv', '--map', 'nowhere.json'], 4, 'nowhere.json does not exist'],
  [['csv', 'map.json', '--map', 'map.json'], 4, 'The header of map.json cannot be read'],
])('import %j ends with %i before anything is recorded', async (args, code, says) => {
  const ran = await place.here(['import', ...args, '--data', 'd'])
  expect([ran.code, ran.stdout]).toEqual([code, ''])
  expect(ran.stderr).toContain(says)
})

test('Ctrl-C stores and publishes what was read, tells the counts, and ends with 130', async () => {
  const child = spawn(
    process.execPath,
    ['--conditions=auditproof-source', main, 'import', 'ndjson', '-', '--data', 'e'],
    { cwd: place.folder, env: bareEnv },
  )
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdin.write('{"id":"e1","action":"a.b"}\nnot json\n') // and no end of input
  // The second line is named when the first is on its way.
  const closed = once(child, 'close')
  while (!stderr.includes('it is not JSON') && child.exitCode === null)
    await Promise.race([once(child.stderr, 'data'), closed])
  child.kill('SIGINT')
  expect([await closed, stderr]).toEqual([[130, null], expect.stringContaining('Interrupted; import again to go on.')])
  expect(stdout).toBe('2 records read: 1 event imported, 0 duplicates, 1 malformed\n')
  const { stdout: shown } = await place.here(['log', '-o', 'jsonl', '--data', 'e'])
  expect(JSON.parse(shown)).toMatchObject({ origin: { sourceId: 'e1' } })
})
