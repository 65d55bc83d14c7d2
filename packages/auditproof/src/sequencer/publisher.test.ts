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

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
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

  it('backs off while the signer is away, and is quick again once it was back', async () => {
    const { store, signer, record } = setUp()
    let away = true
    let attempts = 0
    const sign: Signer['sign'] = (requests) => {
      attempts += 1
      return away ? Promise.reject(new Error('away')) : signer.sign(requests)
    }
    const publisher = new Publisher(store, { ...signer, sign }, options)
    for (let turn = 0; turn < 2; turn++) {
      away = true
      attempts = 0
      await record(1)
      publisher.nudge()
      await pause(250)
      // After 2, 4, 8 … ms: seven in a quarter of a second, where once a tick would have been a hundred.
      expect(attempts).toBeGreaterThan(2)
      expect(attempts).toBeLessThan(10)
      away = false
      await expect.poll(() => behind(store)).toBe(0)
      await expect.poll(() => publisher.lastError).toBe(undefined)
    }
  })

  it('puts the last checkpoints into the meta log when the store has fallen idle', async () => {
    const { store, signer, record } = setUp()
    const publisher = new Publisher(store, signer, { tickMs: 1, metaIntervalMs: 150 })
    const inMeta = async (): Promise<number> => (await store.headOf('acme'))?.metaSize ?? 0
    await record(1)
    publisher.nudge()
    await expect.poll(inMeta).toBe(1)
    await record(1)
    publisher.nudge()
    await expect.poll(() => behind(store)).toBe(0)
    expect(await inMeta()).toBe(1)
    await expect.poll(inMeta).toBe(2)
    // And then nothing more: idle logs write nothing.
    const { size } = (await store.headOf('_meta'))!
    await pause(400)
    expect(await store.headOf('_meta')).toMatchObject({ size, published: { size } })
    await publisher.close()
  })
})
