/** Finding events, as somebody would do it in a shell. */
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAudit } from '../../src/index.ts'
import { Workplace } from './run.ts'

const place = new Workplace()
afterAll(() => place[Symbol.dispose]())

const day = (n: number): string => `2026-03-0${n}T10:00:00Z`
beforeAll(async () => {
  await using audit = createAudit({ data: place.path('auditproof-data'), origin: 'reading.example' })
  const mara = { type: 'user', id: 'u_7', name: 'Mara Lind' } as const
  const target = { type: 'case', id: 'c_12', name: 'Müller ./. Kranz' }
  const status = (old: string, changed: string) => ({ before: { status: old }, after: { status: changed } })
  await audit.record('case.create', { id: 'e1', actor: mara, target, occurredAt: day(1) })
  await audit.record('case.update', { id: 'e2', actor: mara, target, occurredAt: day(2), ...status('open', 'closed') })
  await audit.record('case.delete', { id: 'e3', actor: mara, target, occurredAt: day(3), reason: 'duplicate' })
  await audit.record('case.read', {
    id: 'e4',
    actor: 'user/u_91',
    target: 'case/c_77',
    outcome: 'denied',
    occurredAt: day(4),
    context: { ip: '10.1.2.3' },
  })
  await audit.record('note.add', {
    id: 'late',
    actor: 'user/u_8',
    occurredAt: '2026-03-02T12:00:00Z',
    details: { text: 'final invoice sent' },
  })
  await audit.record('note.add', { id: 'other', tenant: 'kranz', actor: 'user/u_8', occurredAt: day(5) })
})

const ids = async (...args: string[]): Promise<string[]> => {
  const { stdout, code } = await place.here(['log', '-o', 'jsonl', ...args])
  expect(code).toBe(0)
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { id: string }).id)
}

test.each([
  [[], ['e1', 'e2', 'late', 'e3', 'e4', 'other']],
  [['-r'], ['other', 'e4', 'e3', 'late', 'e2', 'e1']],
  [
    ['-n', '2'],
    ['e4', 'other'],
  ],
  [
    ['-n', '2', '-r'],
    ['other', 'e4'],
  ],
  [
    ['-n', 'all', '--tenant', 'default'],
    ['e1', 'e2', 'late', 'e3', 'e4'],
  ],
  [
    ['-q', 'actor:u_7 -action:case.create'],
    ['e2', 'e3'],
  ],
  [['-q', 'actor:"Mara Lind" has:changes'], ['e2']],
  [['--outcome', 'denied'], ['e4']],
  [['--ip', '10.0.0.0/8'], ['e4']],
  [
    ['--since', '2026-03-03', '--until', '2026-03-05'],
    ['e3', 'e4'],
  ],
  [
    ['-q', 'at:2026-03-02'],
    ['e2', 'late'],
  ],
  [['-g', 'final invoice'], ['late']],
  [['-g', 'invoice final'], []],
  [['-q', 'changed:status tenant:default'], ['e2']],
  [['-q', 'reason:duplicate'], ['e3']],
  [
    ['--target', 'case/*', '-r'],
    ['e4', 'e3', 'e2', 'e1'],
  ],
])('log %j lists %j', async (args, expected) => {
  expect(await ids(...args)).toEqual(expected)
})

test('what it cannot understand is an error that says where, never a wider list', async () => {
  for (const [args, message] of [
    [['-q', 'actoin:x'], /at 0 of the query/],
    [['-q', 'tenant:a tenant:b'], /one tenant or in all/],
    [['--tenant', 'defualt'], /did you mean default/],
    [['-o', 'xml'], /known: short, full, json, jsonl, csv/],
    [['-g', ' '], /no word/],
    [['--ip', '10.0.0.0/33'], /no network/],
  ] as const) {
    const { code, stderr, stdout } = await place.here(['log', ...args])
    expect(stdout, args.join(' ')).toBe('')
    expect(code).toBeGreaterThan(0)
    expect(stderr).toMatch(message)
  }
})

test('CSV has a line an event under its header, and JSON is one array', async () => {
  const csv = await place.here(['log', '-o', 'csv', '-n', 'all'])
  const rows = parse(csv.stdout, { columns: true }) as { id: string; actor_name: string }[]
  expect(rows.map(({ id }) => id)).toEqual(['e1', 'e2', 'late', 'e3', 'e4', 'other'])
  const empty = await place.here(['log', '-o', 'csv', '--actor', 'user/nobody'])
  expect(empty.stdout.split('\r\n')).toHaveLength(2)
  expect(JSON.parse((await place.here(['log', '-o', 'json', '--actor', 'user/nobody'])).stdout)).toEqual([])
})

test('full shows who, what, where and what changed', async () => {
  const { stdout } = await place.here(['log', '-o', 'full', '--utc', '-q', 'changed:status'])
  for (const text of ['Mara Lind', 'case.update', 'status', 'open → closed', '2026-03-02T10:00:00Z', 'default #1'])
    expect(stdout).toContain(text)
})

test('who tells who ended a thing, and what was done to it before', async () => {
  const { stdout } = await place.here(['who', 'case/c_12', '--utc'])
  const [first, second, ...rest] = stdout.trimEnd().split('\n')
  expect(first).toMatch(/^Mara Lind did case\.delete on case Müller .* \(duplicate\) {3}2026-03-03 10:00:00Z$/)
  expect(second).toMatch(/^ {2}before that: Mara Lind did case\.update .*status: open → closed {3}2026-03-02/)
  expect(rest).toHaveLength(1)
  expect((await place.here(['who', 'Müller ./. Kranz', '-o', 'json'])).stdout).toContain('"ended"')
  const nothing = await place.here(['who', 'case/nope', '--expect'])
  expect([nothing.code, nothing.stdout]).toEqual([6, ''])
  expect(nothing.stderr).toContain("auditproof log --target 'case/nope*'")
})

test('stats counts, by outcome, action, actor and target', async () => {
  const { stdout } = await place.here(['stats', '--tenant', 'default', '--top', '2'])
  expect(stdout).toContain('5 events')
  expect(stdout).toMatch(/outcome\n {2}4 {2}success\n {2}1 {2}denied/)
  expect(stdout).toMatch(/actor\n {2}3 {2}user\/u_7/)
  const report = JSON.parse((await place.here(['stats', '-o', 'json', '--since', '2026-03-01'])).stdout) as object
  expect(report).toMatchObject({
    count: 6,
    complete: true,
    histogram: expect.objectContaining({ length: 48 }) as object,
  })
})

test.each([
  ['--until', '2026-03-03'],
  ['-q', 'at:<2026-03-03'],
  ['-q', 'reason:"at: no"'],
])('stats %s %s counts what log lists, and draws no bars of all time', async (...args) => {
  const { stdout } = await place.here(['stats', '-o', 'json', ...args])
  const listed = (await ids('-n', 'all', ...args)).length
  expect(JSON.parse(stdout)).toMatchObject({ count: listed, histogram: [] })
})

test('who takes for the end what was done, not what it was done to', async () => {
  await using audit = createAudit({ data: place.path('who') })
  const target = 'object/o_1'
  await audit.record('s3.DeleteObject', { id: 'w1', target, occurredAt: day(1) })
  await audit.record('archive.update', { id: 'w2', target, occurredAt: day(2) })
  await audit.record('object.undelete', { id: 'w3', target, occurredAt: day(3) })
  await audit.record('archive.read', { id: 'w4', target, occurredAt: day(4) })
  const { ended, before } = await audit.who(target)
  expect([ended?.id, before.map(({ id }) => id)]).toEqual(['w1', ['w3', 'w2']])
})
