/** Following events, as somebody would do it in a shell. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bareEnv, main, Workplace } from './run.ts'

let place: Workplace
beforeEach(async () => {
  place = new Workplace()
  await record('e1', 'e2', 'e3')
  await place.run(['record', '--tenant', 'kranz', 'note.add'])
})
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
  place[Symbol.dispose]()
})

test('tail begins with the last events, goes on with what comes, and again where it left off', async () => {
  const first = tail('--tenant', 'default', '-n', '2', '-o', 'jsonl', '--cursor-file', 'default.cursor')
  expect(await first.lines(2)).toEqual(['e2', 'e3'])
  await record('t1')
  expect(await first.lines(1)).toEqual(['t1'])
  expect(await first.stop()).toBe(130)
  await record('t2', 't3')
  expect(readFileSync(place.path('default.cursor'), 'utf8')).toMatch(/^[A-Za-z0-9_-]+\n$/)
  const second = tail('--tenant', 'default', '-n', '2', '-o', 'jsonl', '--cursor-file', 'default.cursor')
  expect(await second.lines(2)).toEqual(['t2', 't3'])
  second.child.kill('SIGKILL')
  await once(second.child, 'close')
  const third = tail('--tenant', 'default', '-o', 'jsonl', '--cursor-file', 'default.cursor')
  await record('t4')
  const seen = await third.until('t4')
  expect([...new Set(seen)].at(-1)).toBe('t4')
  expect(await third.stop()).toBe(130)
  const elsewhere = await place.run(['tail', '--tenant', 'kranz', '--cursor-file', 'default.cursor'])
  expect([elsewhere.code, elsewhere.stderr]).toEqual([2, expect.stringContaining('another tenant')])
}, 60_000)

test('killed before anything came, it has lost nothing of what comes after', async () => {
  const first = tail('--tenant', 'default', '-n', '1', '-o', 'jsonl', '--cursor-file', 'c')
  await first.lines(1)
  await expect.poll(() => existsSync(place.path('c')), { timeout: 10_000 }).toBe(true)
  first.child.kill('SIGKILL')
  await once(first.child, 'close')
  const meanwhile = Array.from({ length: 15 }, (_, i) => `m${i}`)
  await record(...meanwhile)
  const second = tail('--tenant', 'default', '-n', '1', '-o', 'jsonl', '--cursor-file', 'c')
  expect(await second.lines(15)).toEqual(meanwhile)
}, 60_000)

test('SIGTERM ends it in order, with 143; what was printed last does not come again', async () => {
  const first = tail('--tenant', 'default', '-o', 'jsonl', '--cursor-file', 'c')
  await first.lines(3)
  await record('b1', 'b2')
  await first.lines(2)
  expect(await first.stop('SIGTERM')).toBe(143)
  const second = tail('--tenant', 'default', '-o', 'jsonl', '--cursor-file', 'c')
  await record('b3')
  expect(await second.lines(1)).toEqual(['b3'])
}, 60_000)

test('in jsonl each line has the cursor behind it; of the first, the last has', async () => {
  const first = tail('--tenant', 'default', '-n', '2', '-o', 'jsonl')
  await record('c1', 'c2')
  await first.lines(4)
  const [, ...cursors] = first.printed().map(({ cursor }) => cursor)
  expect(first.printed()[0]).not.toHaveProperty('cursor')
  expect(cursors).toEqual(cursors.map(() => expect.stringMatching(/^[A-Za-z0-9_-]+$/)))
  for (const [cursor, following] of [
    [cursors[0]!, ['c1', 'c2']],
    [cursors[1]!, ['c2']],
  ] as const)
    expect(await tail('--tenant', 'default', '-o', 'jsonl', '--after-cursor', cursor).lines(following.length)).toEqual(
      following,
    )
}, 60_000)

test('a store that is moved away is waited for, and followed where it lies then', async () => {
  const one = tail('--tenant', 'default', '-n', '1', '-o', 'jsonl')
  await one.lines(1)
  mkdirSync(place.path('away'))
  for (const name of storeFiles()) renameSync(place.path(`auditproof-data/${name}`), place.path(`away/${name}`))
  await expect.poll(one.errors, { timeout: 10_000 }).toContain('Waiting for it')
  cpSync(place.path('away'), place.path('auditproof-data'), { recursive: true })
  await expect.poll(one.errors, { timeout: 20_000 }).toContain('resumed without loss')
  await record('after')
  expect(await one.lines(1)).toEqual(['after'])
  expect(await one.stop()).toBe(130)
}, 60_000)

test('an entry that was tampered with is told, whatever is looked for', async () => {
  const db = new DatabaseSync(place.path('auditproof-data/audit.db'))
  db.exec("DROP TRIGGER entry_no_update; UPDATE entry SET entry = x'7b7d' WHERE id = 'e2'")
  db.close()
  const one = tail('--tenant', 'default', '-n', 'all', '--action', 'a.b')
  await expect.poll(one.text, { timeout: 10_000 }).toMatch(/── event #1 of default: .* → auditproof verify ──/)
  expect(await one.stop()).toBe(130)
}, 60_000)

test('what has a meaning only in lists is refused with it', async () => {
  for (const [args, given] of [
    [['-f', '-r'], '-r'],
    [['--cursor-file', 'c', '--expect'], '--expect'],
    [['-f', '-o', 'json'], '-o json'],
  ] as const) {
    const { code, stderr, stdout } = await place.here(['log', ...args])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(`${given} is for lists`)
  }
})

const storeFiles = (): string[] =>
  readdirSync(place.path('auditproof-data')).filter((name) => name.startsWith('audit.db'))

async function record(...ids: string[]): Promise<void> {
  const lines = ids.map((id) => `{"id":"${id}","action":"a.b"}\n`)
  const { code } = await place.run(['record', '--file', '-', '--tenant', 'default'], lines.join(''))
  expect(code).toBe(0)
}

interface Line {
  id: string
  cursor?: string
}

interface Tail {
  child: ChildProcess
  /** Ids of the next lines. */
  lines(count: number): Promise<string[]>
  until(id: string): Promise<string[]>
  /** All lines so far. */
  printed(): Line[]
  text(): string
  errors(): string
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

const running: ChildProcess[] = []

function tail(...args: string[]): Tail {
  const child = spawn(process.execPath, ['--conditions=auditproof-source', main, 'tail', ...args], {
    cwd: place.folder,
    env: bareEnv,
  })
  running.push(child)
  let text = ''
  let errors = ''
  let taken = 0
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk))
  const printed = (): Line[] =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line)
  const take = async (isEnough: (ids: string[]) => boolean): Promise<string[]> => {
    const found = (): string[] => printed().slice(taken).map(({ id }) => id) // prettier-ignore
    while (!isEnough(found())) {
      if (child.exitCode !== null) throw new Error(`tail ended: ${errors}`)
      await sleep(20)
    }
    const ids = found()
    taken += ids.length
    return ids
  }
  return {
    child,
    lines: (count) => take((found) => found.length >= count),
    until: (id) => take((found) => found.includes(id)),
    printed,
    text: () => text,
    errors: () => errors,
    async stop(signal = 'SIGINT') {
      child.kill(signal)
      const [code] = (await once(child, 'close')) as [number | null]
      return code
    },
  }
}
