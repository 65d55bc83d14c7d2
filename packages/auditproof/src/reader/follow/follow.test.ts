import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { tries } from '../../../test/effort.ts'
import { memoryStore, MemoryData } from '../../store/memory/index.ts'
import { sqliteStore } from '../../store/sqlite/index.ts'
import type { LogHead, Store } from '../../store/store.ts'
import { EventMaker, TestSigner, TestSources } from '../../testing/index.ts'
import { random, type Random } from '../../testing/random.ts'
import { appendAll } from '../../testing/store/whole-log.ts'
import { parseFilter } from '../filter.ts'
import { followLimits } from '../limits.ts'
import { Followers, type Followed } from './follow.ts'

/** Of one scope. */
const runs = tries(40, 5)

const cursorKey = new Uint8Array(32).fill(7)
const filterOf = (given: Record<string, string>) => parseFilter(given, Date.now())
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

/** Stores on the same data, as processes would have them. */
const drivers: { [name: string]: () => Promise<() => Promise<Store>> } = {
  memory: async () => {
    const data = new MemoryData('follow.example')
    return async () => memoryStore({ name: 'follow.example', data })
  },
  SQLite: async () => {
    const directory = mkdtempSync(join(tmpdir(), 'auditproof-follow-'))
    ends.push(() => rmSync(directory, { recursive: true }))
    return () => sqliteStore({ path: join(directory, 'audit.db'), name: 'follow.example' })
  },
}

async function opened(open: () => Promise<Store>): Promise<Store> {
  const store = await open()
  ends.push(() => store.close())
  return store
}

function following(store: Store): Followers {
  const followers = new Followers(store, cursorKey)
  ends.push(() => followers.close())
  return followers
}

const placeOf = ({ event, gap }: Followed): string[] =>
  gap === undefined
    ? [`${event.tenant}/${event.index}`]
    : Array.from({ length: gap.to - gap.from }, (_, i) => `${gap.tenant}/${gap.from + i}`)

describe.each(Object.keys(drivers))('following on %s', (driver) => {
  test.each(['one tenant', 'all tenants'])(
    '%s: received and gaps together are what was recorded',
    async (scope) => {
      for (let round = 0; round < (driver === 'memory' ? runs : runs / 5); round++) {
        const seed = Math.floor(Math.random() * 2 ** 32)
        const open = await drivers[driver]!()
        const { received, recorded } = await randomRun(open, scope === 'one tenant' ? 'acme' : undefined, random(seed))
        expect(received, `seed ${seed}`).toEqual(recorded)
      }
    },
    60_000 + runs * 4_000,
  )

  test('only what is selected comes; the cursor passes over the rest', async () => {
    const open = await drivers[driver]!()
    const [store, events] = [await opened(open), new EventMaker(new TestSources())]
    await appendAll(store, events.makeMany(40))
    const wanted = filterOf({ tenant: 'acme', q: 'target:case/c_7' })
    const stream = following(store).follow({ filter: wanted, from: 'beginning', signal: AbortSignal.timeout(400) })
    const found: Followed[] = []
    for await (const one of stream) found.push(one)
    expect(found.map(({ event }) => event?.id)).toEqual(['event-7'])
    const rest = following(store).follow({
      filter: filterOf({ tenant: 'acme' }),
      after: stream.cursor,
      signal: AbortSignal.timeout(300),
    })
    for await (const one of rest) found.push(one)
    expect(found).toHaveLength(1)
  })

  test('a cursor of another tenant, of a flipped bit, or of more than there is, is refused', async () => {
    const open = await drivers[driver]!()
    const [store, events] = [await opened(open), new EventMaker(new TestSources())]
    await appendAll(store, [...events.makeMany(3), ...events.makeMany(1, { tenant: 'other' })])
    const followers = following(store)
    const first = async (given: Record<string, string>, after?: string): Promise<Followed> => {
      for await (const one of followers.follow({
        filter: filterOf(given),
        after,
        from: 'beginning',
        signal: AbortSignal.timeout(2_000),
      }))
        return one
      throw new Error('nothing came')
    }
    const { cursor } = await first({ tenant: 'acme' })
    expect((await first({ tenant: 'acme' }, cursor)).event?.index).toBe(1)
    await expect(first({ tenant: 'other' }, cursor)).rejects.toThrow(/another tenant/)
    await expect(first({}, cursor)).rejects.toThrow(/another tenant/)
    for (let bit = 0; bit < cursor.length * 6; bit += 5) {
      const bytes = Buffer.from(cursor, 'base64url')
      if (bit >= bytes.length * 8) break
      bytes[bit >> 3]! ^= 1 << (bit & 7)
      await expect(first({ tenant: 'acme' }, bytes.toString('base64url'))).rejects.toMatchObject({ code: 'usage' })
    }
    const { cursor: ahead } = await first({ tenant: 'acme' }, (await first({ tenant: 'acme' }, cursor)).cursor)
    const older = memoryStore({ name: 'follow.example' })
    const stale = following(older).follow({ filter: filterOf({ tenant: 'acme' }), after: ahead })
    await expect(stale[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'cursor_ahead' })
  })
})

test('what the store no longer gives is a gap with its range, and what follows still comes', async () => {
  const store = memoryStore({ name: 'follow.example' })
  ends.push(() => store.close())
  await appendAll(store, new EventMaker(new TestSources()).makeMany(20))
  const entries = store.entries.bind(store)
  store.entries = async (log, from, to) =>
    (await entries(log, from, to)).filter(({ index }) => index < 5 || (index > 8 && index !== 19))
  const stream = following(store).follow({
    filter: filterOf({ tenant: 'acme', q: 'target:case/c_12' }),
    from: 'beginning',
    signal: AbortSignal.timeout(500),
  })
  const found: unknown[] = []
  for await (const { event, gap } of stream) found.push(gap ?? event?.index)
  const gap = { tenant: 'acme', reason: 'missing' }
  expect(found).toEqual([{ ...gap, from: 5, to: 9 }, 12, { ...gap, from: 19, to: 20 }])
})

test('who is slow reads from the store, loses nothing and holds up nobody', async () => {
  const store = memoryStore({ name: 'follow.example' })
  ends.push(() => store.close())
  const followers = following(store)
  const events = new EventMaker(new TestSources())
  const total = 3 * followLimits.recentEvents
  const received = { quick: 0, slow: 0 }
  const read = async (name: keyof typeof received, pauseAt: number): Promise<void> => {
    const stream = followers.follow({ filter: filterOf({ tenant: 'acme' }), from: 'beginning' })
    for await (const { event } of stream) {
      expect(event?.index).toBe(received[name]++)
      if (received[name] === pauseAt) await quickIsDone
      if (received[name] === total) return
    }
  }
  let done = (): void => {}
  const quickIsDone = new Promise<void>((resolve) => (done = resolve))
  const quick = read('quick', -1)
  const slow = read('slow', 10)
  for (let from = 0; from < total; from += 500) {
    await appendAll(store, events.makeMany(500))
    followers.nudge()
    await sleep(5)
  }
  await quick
  done()
  expect(received).toEqual({ quick: total, slow: 10 })
  await slow
  expect(received.slow).toBe(total)
})

test('nobody who follows costs nothing: the store is asked only while somebody does', async () => {
  const store = memoryStore({ name: 'follow.example' })
  let asked = 0
  const version = store.version.bind(store)
  store.version = () => (asked++, version())
  const followers = following(store)
  followers.nudge()
  await sleep(250)
  expect(asked).toBe(0)
  for await (const _ of followers.follow({ filter: filterOf({}), signal: AbortSignal.timeout(300) })) void _
  expect(asked).toBeGreaterThan(0)
  const before = asked
  await sleep(250)
  expect(asked).toBeLessThanOrEqual(before + 1)
  expect(followers.count).toBe(0)
})

/** Reads take a while, as on a disk that is busy. */
function slowed(store: Store, chance: Random): Store {
  const late = async <T>(reading: Promise<T>): Promise<T> => {
    const read = await reading
    await sleep(chance.below(6) === 0 ? 20 : 0)
    return read
  }
  const slow = Object.create(store) as Store
  slow.headOf = (tenant) => late(store.headOf(tenant))
  slow.entries = (log, from, to) => late(store.entries(log, from, to))
  slow.feed = (after, limit) => late(store.feed(after, limit))
  slow.feedEnd = () => late(store.feedEnd())
  slow.heads = () => store.heads()
  slow.version = () => store.version()
  return slow
}

/** One writes, others read and die and come back, each where it left off; one is slow. */
async function randomRun(
  open: () => Promise<Store>,
  tenant: string | undefined,
  chance: Random,
): Promise<{ received: string[][]; recorded: string[][] }> {
  const writer = await opened(open)
  const [events, signer] = [new EventMaker(new TestSources()), new TestSigner()]
  const tenants = ['acme', 'acme', 'b', 'c']
  const total = 150
  const write = async (): Promise<void> => {
    for (let written = 0; written < total;) {
      const count = Math.min(total - written, 1 + chance.below(20))
      await appendAll(
        writer,
        Array.from({ length: count }, () => events.make({ tenant: chance.pick(tenants) })),
      )
      written += count
      if (chance.below(2) === 0) await signer.publishAll(writer)
      if (chance.below(3) === 0) await sleep(chance.below(20))
    }
    await signer.publishAll(writer)
  }
  const filter = filterOf(tenant === undefined ? {} : { tenant })
  const logsOf = async (store: Store): Promise<LogHead[]> =>
    (await store.heads()).filter((head) => !head.tenant.startsWith('_') && (tenant ?? head.tenant) === head.tenant)
  let isWritten = false
  const writing = write().then(() => (isWritten = true))
  const countAll = async (): Promise<number> => (await logsOf(writer)).reduce((sum, { size }) => sum + size, 0)
  // From the last thing that came: a machine that is busy is slow, and loses nothing.
  let giveUpAt = Date.now() + 20_000
  const came = (one: Followed): string[] => {
    giveUpAt = Date.now() + 20_000
    return placeOf(one)
  }
  const read = async (slow: boolean): Promise<string[]> => {
    const received: string[] = []
    let after: string | undefined
    const connect = async (enough: number): Promise<void> => {
      // Each time another process.
      const store = slowed(chance.below(4) > 0 ? writer : await opened(open), chance)
      const until = received.length + enough
      const followers = following(store)
      // Ended by either, in the middle of a read most of all.
      const signal = chance.below(2) === 0 ? AbortSignal.timeout(130) : undefined
      if (signal === undefined) setTimeout(() => followers.close(), 130)
      const stream = followers.follow({ filter, after, from: 'beginning', signal })
      for await (const one of stream) {
        received.push(...came(one))
        after = one.cursor
        if (slow && chance.below(8) === 0) await sleep(chance.below(10))
        if (received.length >= until) return
      }
    }
    while (!isWritten || (received.length < (await countAll()) && Date.now() < giveUpAt))
      await connect(1 + chance.below(120))
    await connect(Infinity) // and nothing twice
    return received
  }
  /** One that stays, and must be woken. */
  const stay = async (): Promise<string[]> => {
    const received: string[] = []
    const stopping = new AbortController()
    const stop = async (): Promise<void> => {
      await writing
      const wanted = await countAll()
      while (received.length < wanted && Date.now() < giveUpAt) await sleep(50)
      await sleep(20) // and nothing twice
      stopping.abort()
    }
    const stopped = stop()
    const stream = following(await opened(open)).follow({ filter, from: 'beginning', signal: stopping.signal })
    for await (const one of stream) received.push(...came(one))
    await stopped
    return received
  }
  const [, ...received] = await Promise.all([writing, read(false), read(true), stay()])
  const heads = await logsOf(writer)
  // Over all tenants the order is that of publishing; each log is in order in it.
  const byLog = (places: readonly string[]): string[] =>
    heads.flatMap(({ tenant: of }) => places.filter((place) => place.startsWith(`${of}/`)))
  const recorded = heads.flatMap(({ tenant: of, size }) => Array.from({ length: size }, (_, i) => `${of}/${i}`))
  return { received: received.map(byLog), recorded: received.map(() => recorded) }
}
