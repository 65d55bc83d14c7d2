/** What following is held to on every driver. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { parseFilter } from '../../src/reader/filter.ts'
import { Followers, type Followed } from '../../src/reader/follow/follow.ts'
import { memoryStore } from '../../src/store/memory/index.ts'
import type { LogHead, Store } from '../../src/store/store.ts'
import { EventMaker, TestSigner, TestSources } from '../../src/testing/index.ts'
import { random, type Random } from '../../src/testing/random.ts'
import { appendAll } from '../../src/testing/store/whole-log.ts'

export interface FollowBench {
  filterOf: (given: Record<string, string>) => ReturnType<typeof parseFilter>
  following: (store: Store) => Followers
  opened: (open: () => Promise<Store>) => Promise<Store>
  /** Done when the test ends, the last first. */
  ends: (() => unknown)[]
}

/** What a test of following needs, ended with it. */
export function followBench(): FollowBench {
  const ends: (() => unknown)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end()
  })
  return {
    ends,
    filterOf: (given) => parseFilter(given, Date.now()),
    following(store) {
      const followers = new Followers(store, cursorKey)
      ends.push(() => followers.close())
      return followers
    },
    async opened(open) {
      const store = await open()
      ends.push(() => store.close())
      return store
    },
  }
}

const cursorKey = new Uint8Array(32).fill(7)

const placeOf = ({ event, gap }: Followed): string[] =>
  gap === undefined
    ? [`${event.tenant}/${event.index}`]
    : Array.from({ length: gap.to - gap.from }, (_, i) => `${gap.tenant}/${gap.from + i}`)

/**
 * @param newData opens stores on the same new data, as processes would have them
 * @param runs histories of each scope
 * @param connectionMs how long who comes and goes stays connected: long enough to read something
 */
export function followSuite(
  driver: string,
  bench: FollowBench,
  newData: () => Promise<() => Promise<Store>>,
  runs: number,
  connectionMs = 130,
): void {
  const { opened, following, filterOf } = bench
  describe(`following on ${driver}`, () => {
    test.each(['one tenant', 'all tenants'])(
      '%s: received and gaps together are what was recorded',
      async (scope) => {
        for (let round = 0; round < runs; round++) {
          const seed = Math.floor(Math.random() * 2 ** 32)
          const open = await newData()
          const { received, recorded } = await randomRun(
            bench,
            connectionMs,
            open,
            scope === 'one tenant' ? 'acme' : undefined,
            random(seed),
          )
          expect(received, `seed ${seed}`).toEqual(recorded)
        }
      },
      60_000 + runs * 4_000,
    )

    test('only what is selected comes; the cursor passes over the rest', async () => {
      const open = await newData()
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
      const open = await newData()
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
}

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
  slow.watch = (changed) => store.watch(changed)
  return slow
}

/** One writes, others read and die and come back, each where it left off; one is slow. */
async function randomRun(
  { opened, following, filterOf }: FollowBench,
  connectionMs: number,
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
      const signal = chance.below(2) === 0 ? AbortSignal.timeout(connectionMs) : undefined
      if (signal === undefined) setTimeout(() => followers.close(), connectionMs)
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
