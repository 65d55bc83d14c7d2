/** Following a store that fails, is tampered with, or is replaced: nothing is swallowed, and nobody sleeps for ever. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AuditError } from '../../errors.ts'
import { memoryStore } from '../../store/memory/index.ts'
import { sqliteStore } from '../../store/sqlite/index.ts'
import type { Store } from '../../store/store.ts'
import { EventMaker, TestSources } from '../../testing/index.ts'
import { appendAll } from '../../testing/store/whole-log.ts'
import { parseFilter } from '../filter.ts'
import { followLimits } from '../limits.ts'
import { Followers, type FollowersOptions, type FollowOptions } from './follow.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

let store: Store
let events: EventMaker
beforeEach(() => {
  store = memoryStore({ name: 'failing.example' })
  ends.push(() => store.close())
  events = new EventMaker(new TestSources())
})

function following(on: Store, options?: FollowersOptions): Followers {
  const followers = new Followers(on, new Uint8Array(32).fill(7), options)
  ends.push(() => followers.close())
  return followers
}

/** What comes, as it comes: indexes, and how it ended. */
function collect(followers: Followers, tenant: string, more: Partial<FollowOptions> = {}) {
  const got: (number | string)[] = []
  const read = async (): Promise<void> => {
    for await (const { event, gap } of followers.follow({ filter: parseFilter({ tenant }, Date.now()), ...more }))
      got.push(event === undefined ? `${gap.from}–${gap.to}` : event.problem === undefined ? event.index : 'problem')
  }
  return { got, ended: read().catch((error: AuditError) => error) }
}

/** `headOf` of this tenant fails as long as there is an error. */
function failing(tenant: string): { error?: Error } {
  const fault: { error?: Error } = {}
  const headOf = store.headOf.bind(store)
  store.headOf = async (of) => {
    if (of === tenant && fault.error !== undefined) throw fault.error
    return headOf(of)
  }
  return fault
}

const busy = new AuditError('store_busy', 'Somebody holds the lock.')

test.each(['', 'target:case/c_1', 'at:<2020-01-01', '"no such words"', '-action:nothing'])(
  'a tampered entry comes whatever is looked for: %j',
  async (q) => {
    await appendAll(store, events.makeMany(3))
    const entries = store.entries.bind(store)
    store.entries = async (log, from, to) =>
      (await entries(log, from, to)).map((one) => (one.index === 1 ? { ...one, entry: Buffer.from('{}') } : one))
    const filter = parseFilter({ tenant: 'acme', q }, Date.now())
    const signal = AbortSignal.timeout(300)
    const { got, ended } = collect(following(store), 'acme', { filter, from: 'beginning', signal })
    await ended
    expect(got).toContain('problem')
  },
)

test('one log that cannot be read ends who follows it, and nobody else', async () => {
  await appendAll(store, [...events.makeMany(1, { tenant: 'a' }), ...events.makeMany(1, { tenant: 'b' })])
  const followers = following(store)
  const [a, b] = [collect(followers, 'a'), collect(followers, 'b')]
  await sleep(250)
  const fault = failing('a')
  fault.error = new AuditError('store_corrupt', 'A page is damaged.')
  await appendAll(store, events.makeMany(2, { tenant: 'b' }))
  expect(await a.ended).toMatchObject({ code: 'store_corrupt' })
  await expect.poll(() => b.got).toEqual([1, 2])
  expect(followers.count).toBe(1)
  // And whoever comes back when it can be read again, is served.
  delete fault.error
  const again = collect(followers, 'a', { from: 'beginning' })
  await expect.poll(() => again.got).toEqual([0])
})

test('a store that cannot be asked whether there is more is told to all, unless it may pass', async () => {
  await appendAll(store, events.makeMany(1))
  const [patient, impatient] = [following(store), following(store, { isPatient: false })]
  const [waits, gives] = [collect(patient, 'acme'), collect(impatient, 'acme')]
  await sleep(250)
  const version = store.version.bind(store)
  store.version = () => Promise.reject(busy)
  expect(await gives.ended).toBe(busy)
  await appendAll(store, events.makeMany(1))
  await sleep(300)
  expect(waits.got).toEqual([])
  store.version = version
  await expect.poll(() => waits.got, { timeout: 5_000 }).toEqual([1])
  store.version = () => Promise.reject(new Error('our own bug'))
  expect(await waits.ended).toEqual(new Error('our own bug'))
})

test('what fails and may pass is read later, whoever reads it, and nothing is lost', async () => {
  await appendAll(store, events.makeMany(3))
  const fault = failing('acme')
  fault.error = busy
  const followers = following(store)
  const early = collect(followers, 'acme', { from: 'beginning' })
  const given = collect(following(store, { isPatient: false }), 'acme', { from: 'beginning' })
  expect(await given.ended).toBe(busy)
  await sleep(300)
  delete fault.error
  await expect.poll(() => early.got, { timeout: 5_000 }).toEqual([0, 1, 2])
  fault.error = busy
  await appendAll(store, events.makeMany(2))
  await sleep(300)
  delete fault.error
  await expect.poll(() => early.got, { timeout: 5_000 }).toEqual([0, 1, 2, 3, 4])
})

test('a busy tenant does not hold up another', async () => {
  await appendAll(store, [...events.makeMany(1, { tenant: 'busy' }), ...events.makeMany(1, { tenant: 'calm' })])
  const followers = following(store)
  const [, calm] = [collect(followers, 'busy'), collect(followers, 'calm')]
  await sleep(250)
  // It grows by a page whenever it is read, without an end.
  const [entries, headOf] = [store.entries.bind(store), store.headOf.bind(store)]
  let size = 1
  store.headOf = async (tenant) => {
    const head = await headOf(tenant)
    return tenant === 'busy' ? { ...head!, size: (size += 600) } : head
  }
  store.entries = async (log, from, to) => (await sleep(1), from > 0 && log === 1 ? [] : entries(log, from, to))
  await appendAll(store, events.makeMany(1, { tenant: 'calm' }))
  await expect.poll(() => calm.got).toEqual([1])
  expect(size).toBeGreaterThan(601)
})

const text = 'x'.repeat(50_000)
const large = { details: { a: text, b: text, c: text, d: text } }

test('large events are read a few at a time', async () => {
  await appendAll(store, events.makeMany(100, large))
  let most = 0
  const entries = store.entries.bind(store)
  store.entries = async (log, from, to) => {
    const read = await entries(log, from, to)
    most = Math.max(most, read.length)
    return read
  }
  const { got } = collect(following(store), 'acme', { from: 'beginning' })
  await expect.poll(() => got.length, { timeout: 10_000 }).toBe(100)
  expect(most).toBeLessThanOrEqual(followLimits.readFirstEvents)
})

test.each([
  ['large', 'the store', large],
  ['small', 'what was kept', {}],
])('%s events: who comes a little later reads them from %s', async (_size, from, event) => {
  await appendAll(store, events.makeMany(1))
  const followers = following(store)
  const after = await followers.end({ tenant: 'acme' })
  const { got } = collect(followers, 'acme', { after })
  await sleep(250)
  await appendAll(store, events.makeMany(100, event))
  await expect.poll(() => got.length, { timeout: 10_000 }).toBe(100)
  let reads = 0
  const entries = store.entries.bind(store)
  store.entries = (log, first, to) => (reads++, entries(log, first, to))
  const later = collect(followers, 'acme', { after })
  await expect.poll(() => later.got.length, { timeout: 10_000 }).toBe(100)
  expect(reads > 0 ? 'the store' : 'what was kept').toBe(from)
})

describe('on SQLite', () => {
  test('an older copy in the place of the store ends the stream with cursor_ahead', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'auditproof-older-'))
    ends.push(() => rmSync(directory, { recursive: true }))
    const path = join(directory, 'audit.db')
    const write = async (count: number): Promise<void> => {
      const writer = await sqliteStore({ path, name: 'older.example' })
      await appendAll(writer, events.makeMany(count))
      await writer.close()
    }
    await write(3)
    const read = await sqliteStore({ path, name: '', readOnly: true })
    ends.push(() => read.close())
    const { ended } = collect(following(read), 'acme')
    await sleep(300)
    for (const name of ['audit.db', 'audit.db-wal', 'audit.db-shm']) rmSync(join(directory, name), { force: true })
    await write(2)
    expect(await ended).toMatchObject({ code: 'cursor_ahead' })
  })
})
