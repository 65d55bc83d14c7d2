/** record → log → show → receipt → verify → tiles, as somebody would do it in a shell. */
import { cpSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Workplace } from './run.ts'

const place = new Workplace()
afterAll(() => place[Symbol.dispose]())

const events = [
  '{"id":"e0","action":"case.create","actor":{"type":"user","id":"u_7","name":"Mara Lind"},"target":"case/c_12"}',
  'not json',
  '{"id":"e1","action":"case.update","actor":"user/u_7","target":"case/c_12","before":{"status":"open"},"after":{"status":"closed"}}',
  '[1]',
  '{"actor":"user/u_7"}',
  '{"id":"e2","action":"note.write","actor":{"type":"user","id":"u_66","name":"\\u001b]0;x\\u0007\\u009b31m\\u202egnp\\u2028"},"tenant":"other","__proto__":{"a":1}}',
]

let acks: { id: string; tenant: string; index: number; state: string }[]

beforeAll(async () => {
  const { code, stdout, stderr } = await place.run(['record', '--file', '-'], `${events.join('\n')}\n`)
  expect(stderr).toContain('line 2: it is not JSON')
  expect(stderr).toContain('line 4: it is JSON, but not an object')
  expect(stderr).toContain('line 5: it is no event')
  expect(stderr).toContain('auditproof-data/signer.key')
  expect(code).toBe(4)
  acks = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as (typeof acks)[number])
  writeFileSync(place.path('store.vkey'), (await place.here(['key'])).stdout)
})

test('every event that is one has an ack, in the order of the lines', () => {
  expect(acks.map(({ id, tenant, index, state }) => [id, tenant, index, state])).toEqual([
    ['e0', 'default', 0, 'stored'],
    ['e1', 'default', 1, 'stored'],
    ['e2', 'other', 0, 'stored'],
  ])
})

test('keys and store are their owner’s alone', () => {
  for (const name of ['signer.key', 'signer.db', 'audit.db'])
    expect(statSync(place.path(`auditproof-data/${name}`)).mode & 0o777, name).toBe(0o600)
})

test('log lists the newest last, with the tenant only where there are several', async () => {
  const [all, one] = await Promise.all([
    place.here(['log']),
    place.here(['log', '--tenant', 'default', '-n', '1', '-o', 'jsonl']),
  ])
  expect(all.stdout.split('\n').map((line) => line.split(/ {2,}/)[1])).toEqual([
    'default',
    'default',
    'other',
    undefined,
  ])
  expect(one.stdout.split('\n')).toHaveLength(2)
  expect(JSON.parse(one.stdout)).toMatchObject({ id: 'e1', actor: { id: 'u_7' }, changes: [{ path: '/status' }] })
})

test('nothing in an event reaches a terminal as it is, in any format', async () => {
  const outputs = await Promise.all([
    place.here(['log']),
    place.here(['log', '-o', 'json']),
    place.here(['log', '-o', 'jsonl']),
    place.here(['show', 'e2']),
    place.here(['show', 'e2', '-o', 'json']),
    place.here(['show', 'e2', '--raw']),
  ])
  for (const { stdout, code } of outputs) {
    expect(code).toBe(0)
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/)
  }
})

test('a receipt verifies with the key, and is not called good without it or with another', async () => {
  const written = await place.here(['show', 'e1', '--receipt', 'e1.tlog-proof', '--withhold', 'actor,context'])
  expect(written.code).toBe(0)
  const other = new Workplace()
  using _other = other
  writeFileSync(other.path('other.vkey'), (await other.here(['key', 'new', '--data', 'k'])).stdout)
  const [good, unpinned, foreign] = await Promise.all([
    place.here(['verify', 'e1.tlog-proof', '--key', 'store.vkey']),
    place.here(['verify', 'e1.tlog-proof']),
    place.here(['verify', 'e1.tlog-proof', '--key', other.path('other.vkey')]),
  ])
  expect(good.stdout).toContain('somebody (withheld) did case.update on case c_12: status: open → closed')
  expect(good.stdout).toMatch(/✓ signature.*\nVERIFIED +exit 0\n$/)
  expect([good.code, unpinned.code, foreign.code]).toEqual([0, 3, 3])
  expect(unpinned.stdout).toContain('SIGNER UNCONFIRMED')
  expect(good.stdout + readFileSync(place.path('e1.tlog-proof'), 'utf8')).not.toContain('u_7')
})

test('a receipt that was edited is tampered with', async () => {
  const { stdout } = await place.here(['show', 'e0', '--receipt'])
  writeFileSync(place.path('edited.tlog-proof'), stdout.replace(/^index 0$/m, 'index 1'))
  const { code } = await place.here(['verify', 'edited.tlog-proof', '--key', 'store.vkey'])
  expect(code).toBe(1)
})

test('a receipt is never written over something else', async () => {
  const { code, stderr } = await place.here(['show', 'e0', '--receipt', 'auditproof-data/signer.key'])
  expect(code).toBe(2)
  expect(stderr).toContain('is no receipt; it is not replaced')
  expect(readFileSync(place.path('auditproof-data/signer.key'), 'utf8')).toMatch(/^PRIVATE\+KEY/)
})

test('verify of the store: 0 with the key, 3 without, and JSON of exactly the documented shape', async () => {
  const [pinned, unpinned, json] = await Promise.all([
    place.here(['verify', '--key', 'store.vkey']),
    place.here(['verify']),
    place.here(['verify', '--key', readFileSync(place.path('store.vkey'), 'utf8').trim(), '--json']),
  ])
  expect([pinned.code, unpinned.code, json.code]).toEqual([0, 3, 0])
  expect(pinned.stdout).toMatch(/VERIFIED +exit 0\n/)
  expect(unpinned.stdout).toMatch(/Not checked +signer not pinned\nCONSISTENT, SIGNER UNCONFIRMED +exit 3\n/)
  const report = JSON.parse(json.stdout) as { logs: object[] }
  expect(Object.keys(report)).toEqual(['verdict', 'logs', 'notChecked'])
  expect(Object.keys(report.logs[0]!)).toEqual(['tenant', 'origin', 'size', 'root', 'firstBad', 'reason'])
})

test('an edit in the database is found, and its place told', async () => {
  cpSync(place.path('auditproof-data'), place.path('edited'), { recursive: true })
  using db = new DatabaseSync(place.path('edited/audit.db'))
  db.exec(
    `DROP TRIGGER content_no_update; UPDATE content SET actor = 'user/nobody' WHERE actor = 'user/u_7' AND position & 8589934591 = 1`,
  )
  const { code, stdout } = await place.here(['verify', '--data', 'edited', '--key', 'store.vkey'])
  expect(code).toBe(1)
  expect(stdout).toContain('✗ tenant default at index 1')
  expect(stdout).toMatch(/TAMPERED +exit 1\n/)
  expect(stdout).toContain('auditproof show 1 --tenant default')
  const doctor = await place.here(['doctor', '--data', 'edited'])
  expect(doctor.code).toBe(1)
  expect(doctor.stdout).toContain('✗ append-only triggers')
})

test('what a tampered store holds in place of a checkpoint or an id reaches no terminal as it is', async () => {
  cpSync(place.path('auditproof-data'), place.path('escaped'), { recursive: true })
  {
    using db = new DatabaseSync(place.path('escaped/audit.db'))
    db.exec('DROP TRIGGER IF EXISTS entry_no_update; DROP TRIGGER IF EXISTS entry_guard')
    db.exec("UPDATE head SET note = char(27) || '[31m' || note")
    db.exec("UPDATE entry SET id = char(27) || '[31m', entry = x'00' WHERE idx = 0")
  }
  const shown = await place.here(['checkpoint', '--data', 'escaped', '--tenant', 'default'])
  expect([shown.code, shown.stdout]).toEqual([1, ''])
  const event = await place.here(['show', '0', '--data', 'escaped', '--tenant', 'default'])
  expect(event.stdout + event.stderr).not.toContain('\x1b')
  expect(event.stdout).toContain('\\x1b[31m')
})

test('an older checkpoint pins what was there; the signer’s state does so by itself', async () => {
  const { stdout: checkpoint } = await place.here(['checkpoint', '--tenant', 'default'])
  writeFileSync(place.path('old.checkpoint'), checkpoint)
  cpSync(place.path('auditproof-data'), place.path('older'), { recursive: true })
  await place.here(['record', 'case.close', '--id', 'e9'])
  cpSync(place.path('auditproof-data/signer.db'), place.path('older/signer.db'))
  const [since, rolledBack, recorded] = await Promise.all([
    place.here(['verify', '--key', 'store.vkey', '--since', 'old.checkpoint']),
    place.here(['verify', '--data', 'older', '--key', 'store.vkey']),
    place.here(['record', '--data', 'older', 'x.y']),
  ])
  expect(since.stdout).toMatch(/✓ earlier checkpoints/)
  expect([since.code, rolledBack.code, recorded.code]).toEqual([0, 1, 1])
  expect(recorded.stderr).toContain('Refusing to append')
})

test('tiles are written as C2SP says, with the key beside them, and only what is new is added', async () => {
  const first = await place.here(['tiles', '--out', 'tiles', '--tenant', 'default'])
  expect(first.code).toBe(0)
  const origin = readFileSync(place.path('tiles/checkpoint'), 'utf8').split('\n')[0]
  expect(readFileSync(place.path('tiles/vkey'), 'utf8').startsWith(`${origin}+`)).toBe(true)
  expect(existsSync(place.path('tiles/tile/entries'))).toBe(true)
  expect((await place.here(['tiles', '--out', 'tiles', '--tenant', 'other'])).code).toBe(2)
})

test('record by flags: the same id twice is one event, with other content a conflict', async () => {
  const flags = [
    'record',
    'case.read',
    '--actor',
    'user/u_7',
    '--target',
    'case/c_1',
    '--outcome',
    'denied',
    '--id',
    'r1',
  ]
  const first = JSON.parse((await place.here(flags)).stdout) as { index: number }
  const again = JSON.parse((await place.here(flags)).stdout) as { index: number; duplicate: boolean }
  const other = await place.here([...flags, '--details', '{"a":1}'])
  expect(again).toMatchObject({ index: first.index, duplicate: true })
  expect([other.code, other.stdout]).toEqual([4, ''])
})

test('an id in several tenants asks which; --expect exits with 6 when nothing matches', async () => {
  await place.here(['record', 'x.y', '--id', 'e0', '--tenant', 'other'])
  const [ambiguous, chosen, none] = await Promise.all([
    place.here(['show', 'e0']),
    place.here(['show', 'e0', '--tenant', 'other']),
    place.here(['log', '--actor', 'user/nobody', '--expect']),
  ])
  expect([ambiguous.code, chosen.code, none.code]).toEqual([2, 0, 6])
  expect(ambiguous.stderr).toContain('"default", "other"')
})

test('doctor finds modes that are too open, and says what to do; a shared place is a warning', async () => {
  const { code, stdout } = await place.here(['doctor', '--json'])
  const { findings } = JSON.parse(stdout) as { findings: { name: string; state: string; fix?: string }[] }
  expect(code).toBe(0)
  expect(findings.filter(({ state }) => state !== 'ok').map(({ name, state }) => [name, state])).toEqual([
    ['signer', 'warning'],
  ])
})
