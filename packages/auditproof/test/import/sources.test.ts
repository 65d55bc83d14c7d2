import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { takeSubmission } from '../../src/event/index.ts'
import {
  openImport,
  parseMapping,
  restoreOriginal,
  type ImportedEvent,
  type ImportItem,
  type ImportOptions,
  type Original,
} from '../../src/import/index.ts'

const fixture = (name: string): string => new URL(`../fixtures/import/${name}`, import.meta.url).pathname
const importKey = new Uint8Array(32).fill(7)
const folder = mkdtempSync(join(tmpdir(), 'auditproof-import-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  return path
}

async function read(options: Omit<ImportOptions, 'importKey'>): Promise<ImportItem[]> {
  const items: ImportItem[] = []
  for await (const item of openImport({ importKey, ...options })) items.push(item)
  return items
}

const events = (items: ImportItem[]): (ImportedEvent & { line: number })[] =>
  items.flatMap((item) => ('events' in item ? item.events.map((event) => ({ line: item.line, ...event })) : []))
const malformed = (items: ImportItem[]): [number, string][] =>
  items.flatMap((item) =>
    'malformed' in item ? [[item.malformed.line, item.malformed.reason] as [number, string]] : [],
  )
const originals = (items: ImportItem[]): (string | undefined)[] =>
  events(items).map(({ event }) => {
    const bytes = restoreOriginal(event.details!['original'] as Original)
    return bytes && Buffer.from(bytes).toString()
  })

test('NDJSON of our own events comes with ids, origin and originals, and names the lines that are none', async () => {
  const path = fixture('events.ndjson')
  const items = await read({ kind: 'ndjson', sources: [path] })
  expect(malformed(items)).toEqual([
    [3, 'it is not JSON'],
    [5, 'it is JSON, but not an object'],
  ])
  const lines = readFileSync(path, 'utf8').split('\n')
  expect(originals(items)).toEqual([lines[0], lines[3], lines[5]])
  expect(events(items).map(({ line }) => line)).toEqual([1, 4, 6])
  expect(events(items)[0]).toMatchObject({
    action: 'case.update',
    event: {
      id: expect.stringMatching(/^.{14}8/) as string,
      origin: { kind: 'import', source: 'ndjson', sourceId: 'e1' },
      details: { account: '12345678901234567890' },
    },
  })
  expect(events(items)[1]!.event.origin).toEqual({ kind: 'import', source: 'ndjson' })
  expect(events(items)[2]!.event.tenant).toBe('acme')
})

test('the same source has the same ids plain, gzipped, in several gzip members and on standard input', async () => {
  const bytes = readFileSync(fixture('events.ndjson'))
  const members = Buffer.concat([gzipSync(bytes.subarray(0, 100)), gzipSync(bytes.subarray(100))])
  const ids = async (source: string, stdin?: AsyncIterable<Uint8Array>): Promise<unknown[]> =>
    events(await read({ kind: 'ndjson', sources: [source], stdin })).map(({ event }) => event.id)
  const plain = await ids(fixture('events.ndjson'))
  expect(plain).toHaveLength(3)
  expect(await ids(file('no-gz-in-its-name', gzipSync(bytes)))).toEqual(plain)
  expect(await ids(file('members.gz', members))).toEqual(plain)
  async function* byByte(): AsyncGenerator<Uint8Array> {
    for (const byte of gzipSync(bytes)) yield Uint8Array.of(byte)
  }
  expect(await ids('-', byByte())).toEqual(plain)
})

test('a printed CloudTrail file gives records whose bytes are the file’s', async () => {
  const path = fixture('records.json')
  const items = await read({ kind: 'cloudtrail', sources: [path], tenantFrom: '/recipientAccountId' })
  const whole = readFileSync(path, 'utf8')
  const [first, second] = originals(items)
  expect(whole).toContain(`    ${first!},\n    ${second!}\n  ]`)
  expect(first).toContain('0.0')
  expect(events(items).map(({ action, line, event }) => [action, line, event.outcome, event.tenant])).toEqual([
    ['s3.DeleteObject', 3, 'success', '111122223333'],
    ['kms.Decrypt', 16, 'denied', '444455556666'],
  ])
})

test('a CloudTrail file larger than a line may be is read, on one line and gzipped', async () => {
  const records = Array.from(
    { length: 3000 },
    (_, n) => `{"eventName":"E","eventID":"${n}","pad":"${'x'.repeat(500)}"}`,
  )
  const path = file('large.json.gz', gzipSync(`{"Records":[${records.join(',')}]}`))
  const items = await read({ kind: 'cloudtrail', sources: [path] })
  expect(originals(items)).toEqual(records)
})

test('a CloudTrail folder is walked in name order, digests and other files left aside', async () => {
  const one = (id: string): string => `{"Records":[{"eventName":"E","eventID":"${id}"}]}`
  file('trail/2024/02/b.json.gz', gzipSync(one('3')))
  file('trail/2024/02/a.json', one('2'))
  file('trail/2024/01/z.ndjson', '{"eventName":"E","eventID":"1"}\n')
  file('trail/2024/notes.txt', 'x')
  file('trail/CloudTrail-Digest/d.json', '{"digest":1}')
  const items = await read({ kind: 'cloudtrail', sources: [join(folder, 'trail')] })
  expect(events(items).map(({ event }) => event.origin?.sourceId)).toEqual(['1', '2', '3'])
  expect(malformed(items)).toEqual([])
  mkdirSync(join(folder, 'empty'))
  await expect(read({ kind: 'cloudtrail', sources: [join(folder, 'empty')] })).rejects.toMatchObject({
    code: 'input_malformed',
    message: expect.stringContaining('empty') as string,
  })
})

test('a line above 1 MiB is reported and skipped; one above 48 KiB keeps head, size and hash', async () => {
  const long = `{"action":"a.b","x":"${'y'.repeat(60_000)}"}`
  const path = file('long.ndjson', `{"action":"${'x'.repeat(2 << 20)}"}\n${long}\n`)
  const items = await read({ kind: 'ndjson', sources: [path] })
  expect(malformed(items)).toEqual([[1, '2097165 bytes are more than the limit of 1048576']])
  expect(events(items)[0]!.event.details!['original']).toEqual({
    bytes: long.length,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    head: long.slice(0, 48 * 1024),
  })
})

test('a gzip bomb of one endless line is reported as one line', async () => {
  const path = file('bomb.gz', Buffer.concat(Array.from({ length: 8 }, () => gzipSync(Buffer.alloc(32 << 20, 'x')))))
  const before = process.memoryUsage().rss
  expect(malformed(await read({ kind: 'ndjson', sources: [path] }))).toEqual([
    [1, `${256 << 20} bytes are more than the limit of 1048576`],
  ])
  expect(process.memoryUsage().rss - before).toBeLessThan(128 << 20)
})

test('a byte order mark is passed over and kept in the original', async () => {
  const items = await read({ kind: 'ndjson', sources: [file('bom.ndjson', '\uFEFF{"action":"a.b"}\r\n')] })
  expect(originals(items)).toEqual(['\uFEFF{"action":"a.b"}\r'])
})

test.each([
  ['cut off', () => file('cut.gz', gzipSync(Buffer.alloc(100_000, '{"action":"a.b"}\n')).subarray(0, 60)), /cut off/],
  ['damaged', () => file('bad.gz', Buffer.concat([gzipSync('x').subarray(0, 10), Buffer.alloc(50, 0xff)])), /damaged/],
  ['UTF-16', () => file('utf16.ndjson', Buffer.from('\uFEFF{"action":"a.b"}', 'utf16le')), /UTF-16/],
  ['missing', () => join(folder, 'nowhere.ndjson'), /does not exist/],
])('a source that is %s is an error with its name and what to do', async (_, make, message) => {
  const path = make()
  await expect(read({ kind: 'ndjson', sources: [path] })).rejects.toMatchObject({
    code: 'input_malformed',
    message: expect.stringMatching(message) as string,
    hint: expect.any(String) as string,
  })
})

test('options that mean nothing are refused before anything is read', () => {
  const open = (options: Partial<ImportOptions>): unknown =>
    openImport({ kind: 'ndjson', sources: ['x'], importKey, ...options })
  const usage = expect.objectContaining({ code: 'usage' }) as Error
  expect(() => open({ tenant: 'a', tenantFrom: '/b' })).toThrow(usage)
  expect(() => open({ tenant: '' })).toThrow(usage)
  expect(() => open({ tenantFrom: 'path:{tenant}/' })).toThrow(usage)
  expect(() => open({ sources: [] })).toThrow(usage)
  expect(() => open({ kind: 'cvs' as never })).toThrow(usage)
  expect(() => open({ kind: 'csv' })).toThrow(usage)
  expect(() => open({ kind: 'okta', mapping: parseMapping('{"source":"s","event":{}}', 'ndjson', 'm') })).toThrow(usage)
  expect(() => open({ importKey: new Uint8Array(8) })).toThrow(
    expect.objectContaining({ code: 'key_malformed' }) as Error,
  )
})

test('a tenant of the command line outranks the one of the event; a pointer that finds none leaves it open', async () => {
  const sources = [fixture('events.ndjson')]
  const tenants = async (options: Partial<ImportOptions>): Promise<unknown[]> =>
    events(await read({ kind: 'ndjson', sources, ...options })).map(({ event }) => event.tenant)
  expect(await tenants({})).toEqual([undefined, undefined, 'acme'])
  expect(await tenants({ tenant: 't' })).toEqual(['t', 't', 't'])
  expect(await tenants({ tenantFrom: '/details/amount' })).toEqual(['0', undefined, undefined])
})

test('the event layer takes an import as it is: originals to the byte, tenants that are missing to _unassigned', async () => {
  const taken = async (options: Omit<ImportOptions, 'importKey'>): Promise<ReturnType<typeof takeSubmission>[]> =>
    events(await read(options)).map(({ action, event }) =>
      takeSubmission(action, event, {
        now: '2030-01-01T00:00:00Z',
        newId: () => 'new',
        deriveId: () => 'derived',
        producer: () => ({ id: 'p', boot: 'b', n: 1 }),
        defaultTenant: 'default',
        origin: { kind: 'direct' },
        trusted: false,
      }),
    )
  const sources = [fixture('events.ndjson')]
  expect((await taken({ kind: 'ndjson', sources })).map(({ tenant }) => tenant)).toEqual(['default', 'default', 'acme'])
  expect((await taken({ kind: 'ndjson', sources, tenantFrom: '/tenant' })).map(({ tenant }) => tenant)).toEqual([
    '_unassigned',
    '_unassigned',
    'acme',
  ])

  const odd = `{"action":"a.b","actor":"u","note":"\u007F\u0085","pad":"${'\u007F'.repeat(48_000)}"}`
  const large = `{"action":"a.b","actor":"u","pad":"${'x'.repeat(49_000)}"}`
  const both = await taken({ kind: 'ndjson', sources: [file('odd.ndjson', `${odd}\n${large}\n`)], tenant: 't' })
  expect(both.map(({ details }) => Buffer.from(restoreOriginal(details!['original'] as Original)!).toString())).toEqual(
    [odd, large],
  )
  // Neither says when: a time that is no part of its identity stands in, and the event is flagged.
  expect(both.map(({ timed, origin }) => [timed, origin.flags])).toEqual([
    [false, ['replaced']],
    [false, ['replaced']],
  ])
  expect(both[0]!.details!['_unfit']).toEqual({ occurredAt: 'not in the source' })
})

test('commit NDJSON becomes commits and merges of the right tenants', async () => {
  const items = await read({
    kind: 'git',
    sources: [fixture('commits.ndjson')],
    tenantFrom: 'path:namespaces/*/{tenant}/',
  })
  expect(events(items).map(({ action, event }) => [action, event.tenant, event.occurredAt])).toEqual([
    ['commit.create', 'shop', '2020-01-01T09:00:05Z'],
    ['commit.merge', 'acme/environments', '2020-01-02T09:00:00Z'],
  ])
})

const hasGit = ((): boolean => {
  try {
    execFileSync('git', ['--version'])
    return true
  } catch {
    return false
  }
})()

const git = (at: string, ...args: string[]): string =>
  execFileSync(
    'git',
    ['-C', at, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', '-c', 'commit.gpgSign=false', ...args],
    {
      encoding: 'utf8',
      env: {
        ...process.env,
        GIT_AUTHOR_DATE: '2020-01-01T10:00:00+0100',
        GIT_COMMITTER_DATE: '2020-01-01T10:00:00+0100',
      },
    },
  ).trim()

function makeRepository(name: string): string {
  const at = join(folder, name)
  mkdirSync(at)
  git(at, 'init', '-q', '-b', 'main')
  file(`${name}/namespaces/live/shop/main.tf`, 'a')
  git(at, 'add', '.')
  git(at, 'commit', '-qm', 'first ü')
  git(at, 'checkout', '-qb', 'side')
  file(`${name}/a\tb "c" ü.txt`, 'b')
  git(at, 'add', '.')
  git(at, 'commit', '-qm', '', '--allow-empty-message')
  git(at, 'checkout', '-q', 'main')
  git(at, 'mv', 'namespaces/live/shop/main.tf', 'moved.tf')
  git(at, 'commit', '-qm', 'A')
  git(at, 'merge', '-q', 'side', '-m', 'joined')
  return at
}

test.skipIf(!hasGit)(
  'a repository becomes its commits, parents before children, and reads the same as its NDJSON',
  async () => {
    const at = makeRepository('repository')
    git(at, 'remote', 'add', 'origin', 'https://user:secret@git.example.org/acme/env.git')
    const items = await read({ kind: 'git', sources: [at], tenantFrom: 'path:namespaces/*/{tenant}/' })
    expect(malformed(items)).toEqual([])
    expect(events(items)).toHaveLength(4)
    expect(events(items)[0]).toMatchObject({
      action: 'commit.create',
      event: {
        tenant: 'shop',
        occurredAt: '2020-01-01T09:00:00Z',
        actor: { id: 'ada@example.org', name: 'Ada' },
        targets: [{ type: 'file', id: 'namespaces/live/shop/main.tf' }],
        details: { subject: 'first ü', filesChanged: 1 },
        origin: { kind: 'import', source: 'git', sourceId: git(at, 'rev-list', '--max-parents=0', 'HEAD') },
      },
    })
    expect(events(items)[3]).toMatchObject({ action: 'commit.merge', event: { tenant: 'acme/env', targets: [] } })
    const files = events(items)
      .slice(1, 3)
      .map(({ event }) => (event.targets as { id: string }[]).map(({ id }) => id))
    expect(files).toContainEqual(['a\tb "c" ü.txt'])
    expect(files).toContainEqual(['moved.tf', 'namespaces/live/shop/main.tf'])

    const exported = file('exported.ndjson', originals(items).join('\n'))
    const again = await read({ kind: 'git', sources: [exported], tenantFrom: 'path:namespaces/*/{tenant}/' })
    expect(events(again).map(({ event }) => event)).toEqual(events(items).map(({ event }) => event))
  },
)

test.skipIf(!hasGit)('a repository without a remote has the name of its folder, or the one that is given', async () => {
  const at = makeRepository('plain')
  const tenants = async (instance?: string): Promise<unknown> =>
    events(await read({ kind: 'git', sources: [at], tenantFrom: 'path:none/{tenant}/', instance }))[0]!.event.tenant
  expect(await tenants()).toBe(basename(at))
  expect(await tenants('acme/other')).toBe('acme/other')
})

test.skipIf(!hasGit)(
  'a repository without commits is empty; a shallow one, a folder in one and none at all are errors',
  async () => {
    const empty = join(folder, 'no-commits')
    mkdirSync(empty)
    git(empty, 'init', '-q')
    expect(await read({ kind: 'git', sources: [empty] })).toEqual([])
    const at = makeRepository('deep')
    execFileSync('git', ['clone', '-q', '--depth', '1', `file://${at}`, join(folder, 'shallow')])
    const refused = async (path: string): Promise<unknown> =>
      read({ kind: 'git', sources: [path] }).catch((error: unknown) => error)
    expect(await refused(join(folder, 'shallow'))).toMatchObject({
      code: 'input_malformed',
      hint: expect.stringContaining('unshallow') as string,
    })
    file('deep/sub/x', '')
    expect(await refused(join(at, 'sub'))).toMatchObject({
      code: 'input_malformed',
      message: expect.stringContaining('no git repository') as string,
    })
    expect(await refused(folder)).toMatchObject({ code: 'input_malformed' })
  },
)

test.skipIf(!hasGit)('a missing git program is an error that says what to do', async () => {
  const at = makeRepository('no-git')
  const { PATH } = process.env
  process.env['PATH'] = folder
  try {
    await expect(read({ kind: 'git', sources: [at] })).rejects.toMatchObject({
      message: expect.stringContaining('no git program') as string,
    })
  } finally {
    process.env['PATH'] = PATH
  }
})

test.skipIf(!hasGit)('who stops early leaves no git behind', async () => {
  const at = makeRepository('early')
  for await (const item of openImport({ kind: 'git', sources: [at], importKey })) {
    expect(item).toHaveProperty('events')
    break
  }
})
