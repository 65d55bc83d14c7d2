import { describe, expect, it } from 'vitest'
import { EventMaker, TestSources } from '../testing/index.ts'
import { MemoryData, memoryStore } from '../store/memory/index.ts'
import type { Store } from '../store/store.ts'
import { memorySigner } from './memory-signer.ts'
import { Publisher } from './publisher.ts'
import type { Signer } from './signer.ts'

const options = { tickMs: 1, metaIntervalMs: Infinity }

function setUp(): { store: Store; signer: Signer; record: (events: number) => Promise<void> } {
  const name = 'publisher.example'
  const store = memoryStore({ name, data: new MemoryData(name) })
  const events = new EventMaker(new TestSources())
  const record = async (count: number): Promise<void> =>
    void (await store.append(events.makeMany(count).map((event) => JSON.stringify(event))))
  return { store, signer: memorySigner(name), record }
}

const behind = async (store: Store): Promise<number> => (await store.unpublished(0, 10)).length

describe('the publisher', () => {
  it('publishes what is appended while a round is running, without another append', async () => {
    const { store, signer, record } = setUp()
    let appended = false
    const sign: Signer['sign'] = async (requests) => {
      const results = await signer.sign(requests)
      if (!appended) {
        appended = true
        await record(1)
        publisher.nudge()
      }
      return results
    }
    const publisher = new Publisher(store, { ...signer, sign }, options)
    await record(1)
    publisher.nudge()
    await expect.poll(() => behind(store)).toBe(0)
    expect(await store.headOf('acme')).toMatchObject({ size: 2, published: { size: 2 } })
  })

  it('publishes what another process signed and then died over', async () => {
    const { store, signer, record } = setUp()
    let overtaken = false
    const sign: Signer['sign'] = async (requests) => {
      if (!overtaken) {
        overtaken = true
        await record(1)
        await signer.sign((await store.unpublished(0, 10)).map((log) => ({ ...log, from: log.publishedSize })))
      }
      return signer.sign(requests)
    }
    const publisher = new Publisher(store, { ...signer, sign }, options)
    await record(1)
    publisher.nudge()
    await expect.poll(() => behind(store)).toBe(0)
    expect(publisher.refusals.size).toBe(0)
  })

  it('tells of a signer that is away, and publishes once it is back', async () => {
    const { store, signer, record } = setUp()
    let away = true
    const sign: Signer['sign'] = (requests) => (away ? Promise.reject(new Error('away')) : signer.sign(requests))
    const publisher = new Publisher(store, { ...signer, sign }, options)
    await record(1)
    publisher.nudge()
    await expect.poll(() => publisher.lastError?.message).toContain('away')
    away = false
    await expect.poll(() => behind(store)).toBe(0)
    await expect.poll(() => publisher.lastError).toBe(undefined)
  })

  it('says that a store is an older copy, as long as it is', async () => {
    const { store, signer, record } = setUp()
    await record(2)
    const later = (await store.unpublished(0, 10)).map((log) => ({ ...log, from: log.publishedSize }))
    await signer.sign(later.map((log) => ({ ...log, size: 9 })))
    const publisher = new Publisher(store, signer, options)
    await publisher.publishNow()
    expect([...publisher.refusals.values()].join()).toContain('9 were signed')
  })
})
