/** However a stream ends, it ends at once, and nothing of it stays. */
import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { memoryStore } from '../../store/memory/index.ts'
import type { Store } from '../../store/store.ts'
import { EventMaker, TestSources } from '../../testing/index.ts'
import { appendAll } from '../../testing/store/whole-log.ts'
import { parseFilter } from '../filter.ts'
import { Followers, type Followed } from './follow.ts'

let store: Store
let events: EventMaker
let followers: Followers

beforeEach(async () => {
  store = memoryStore({ name: 'ending.example' })
  events = new EventMaker(new TestSources())
  await appendAll(store, events.makeMany(2))
  followers = new Followers(store, new Uint8Array(32).fill(7))
})
afterEach(async () => {
  followers.close()
  await store.close()
})

const filter = parseFilter({ tenant: 'acme' }, Date.now())

/** The next read of the head takes until it is let go; those after it do not wait for it. */
function holdOneRead(): () => void {
  const headOf = store.headOf.bind(store)
  let letGo = (): void => {}
  const held = new Promise<void>((resolve) => (letGo = resolve))
  store.headOf = async (tenant) => {
    store.headOf = headOf
    const head = await headOf(tenant)
    await held
    return head
  }
  return letGo
}

async function allOf(stream: AsyncIterable<Followed>): Promise<number> {
  let count = 0
  for await (const _ of stream) count += Number(_ !== undefined)
  return count
}

test.each(['abort', 'close'] as const)('by %s during a read', async (how) => {
  const controller = new AbortController()
  const after = await followers.end({ tenant: 'acme' })
  const letGo = holdOneRead()
  const ended = allOf(followers.follow({ filter, after, signal: controller.signal }))
  await sleep(150) // who reads for all has found nothing meanwhile, and wakes nobody any more
  if (how === 'abort') controller.abort()
  else followers.close()
  letGo()
  expect(await ended).toBe(0)
  expect(followers.count).toBe(0)
})

test('by a signal that was aborted before', async () => {
  expect(await allOf(followers.follow({ filter, from: 'beginning', signal: AbortSignal.abort() }))).toBe(0)
})

test('by return() while it waits', async () => {
  const { signal } = new AbortController()
  const steps = followers.follow({ filter, signal })[Symbol.asyncIterator]()
  const next = steps.next()
  await sleep(150)
  expect([followers.count, getEventListeners(signal, 'abort').length]).toEqual([1, 1])
  expect(await steps.return!()).toEqual({ done: true, value: undefined })
  expect(await next).toEqual({ done: true, value: undefined })
  expect([followers.count, getEventListeners(signal, 'abort').length]).toEqual([0, 0])
})

test('by return() before it has begun', async () => {
  const steps = followers.follow({ filter })[Symbol.asyncIterator]()
  await steps.return!()
  expect(await steps.next()).toEqual({ done: true, value: undefined })
  expect(followers.count).toBe(0)
})

test('by cancel() of a web stream that is made of it: no timer is left', async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  const reader = ReadableStream.from(followers.follow({ filter, from: 'beginning' })).getReader()
  for (let i = 0; i < 2; i++) expect((await reader.read()).done).toBe(false)
  const waiting = reader.read()
  await sleep(150)
  await reader.cancel()
  expect((await waiting).done).toBe(true)
  expect(followers.count).toBe(0)
  await expect.poll(timers, { timeout: 2_000 }).toBeLessThanOrEqual(before)
})

test('the end of one ends no other', async () => {
  const controller = new AbortController()
  const first = allOf(followers.follow({ filter, signal: controller.signal }))
  const other = followers.follow({ filter })[Symbol.asyncIterator]()
  const next = other.next()
  await sleep(150)
  controller.abort()
  expect(await first).toBe(0)
  await appendAll(store, events.makeMany(1))
  expect((await next).value!.event?.index).toBe(2)
  await other.return!()
})
