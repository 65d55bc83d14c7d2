import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { tries } from '../../../test/effort.ts'
import { followBench, followSuite } from '../../../test/reading/follow-suite.ts'
import { memoryStore, MemoryData } from '../../store/memory/index.ts'
import { sqliteStore } from '../../store/sqlite/index.ts'
import { EventMaker, TestSources } from '../../testing/index.ts'
import { appendAll } from '../../testing/store/whole-log.ts'
import { followLimits } from '../limits.ts'

const bench = followBench()
const { ends, filterOf, following } = bench

followSuite(
  'memory',
  bench,
  async () => {
    const data = new MemoryData('follow.example')
    return async () => memoryStore({ name: 'follow.example', data })
  },
  tries(40, 5),
)
followSuite(
  'SQLite',
  bench,
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'auditproof-follow-'))
    ends.push(() => rmSync(directory, { recursive: true }))
    return () => sqliteStore({ path: join(directory, 'audit.db'), name: 'follow.example' })
  },
  tries(8, 1),
)

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
