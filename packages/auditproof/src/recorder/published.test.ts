import { describe, expect, it } from 'vitest'
import { createAudit } from '../index.ts'
import { parseCheckpoint, parseNote } from '../log/index.ts'
import { memoryStore } from '../store/memory/index.ts'
import type { Store } from '../store/store.ts'
import { PublishedWaiter } from './published.ts'

describe('ack.published()', () => {
  it('resolves with the place of the event and a checkpoint over it', async () => {
    await using audit = createAudit({ store: memoryStore({ name: 'published.example' }) })
    const acks = await Promise.all([audit.record('a.b'), audit.record('a.c')])
    const published = await Promise.all(acks.map((ack) => ack.published()))
    for (const [i, { log, index, leafHash, treeSize, checkpoint }] of published.entries()) {
      expect({ log, index, leafHash }).toEqual({
        log: acks[i]!.log,
        index: acks[i]!.index,
        leafHash: acks[i]!.leafHash,
      })
      expect(parseCheckpoint(parseNote(checkpoint).text)).toMatchObject({ origin: log, size: treeSize })
      expect(treeSize).toBeGreaterThan(index)
    }
  })

  it('leaves no trace in the ack as JSON, spread or compared', async () => {
    await using audit = createAudit({ store: memoryStore({ name: 'plain.example' }) })
    const ack = await audit.record('a.b')
    expect(Object.keys(ack)).toEqual(['id', 'tenant', 'state', 'log', 'index', 'leafHash'])
    expect({ ...ack }).toEqual(ack)
  })

  it('is answered by close(), which publishes', async () => {
    const audit = createAudit({ store: memoryStore({ name: 'closing.example' }) })
    const published = (await audit.record('a.b')).published()
    await audit.close()
    expect(await published).toMatchObject({ index: 0 })
  })
})

describe('the waiter', () => {
  const event = { id: 'never', tenant: 'default' }

  it('gives up an event that is in no log after its time, and says so', async () => {
    const store = memoryStore({ name: 'never.example' })
    const waiter = new PublishedWaiter(async () => store)
    await expect(waiter.wait(event, 10)).rejects.toMatchObject({
      code: 'not_published',
      message: expect.stringContaining('rolled back') as string,
    })
  })

  it('says where an event stands that no checkpoint covers', async () => {
    await using audit = createAudit({ store: memoryStore({ name: 'unsigned.example' }) })
    const { id, tenant } = await audit.record('a.b')
    await audit.publish()
    const { store } = await audit.opened()
    const later = await audit.record('a.c')
    // As though nobody signed any more.
    const unsigned = { ...unbound(store), headOf: async () => ({ ...(await store.headOf(tenant))!, published: { size: 1, note: '' } }) } // prettier-ignore
    const waiter = new PublishedWaiter(async () => unsigned)
    expect(await waiter.wait({ id, tenant }, 1_000)).toMatchObject({ index: 0, treeSize: 1 })
    await expect(waiter.wait(later, 10)).rejects.toThrow('in its log, at 1')
  })

  it('looks once for all who wait, however many', async () => {
    const store = memoryStore({ name: 'many.example' })
    let looks = 0
    const counting = { ...unbound(store), headOf: (tenant: string) => ((looks += 1), store.headOf(tenant)) }
    const waiter = new PublishedWaiter(async () => counting)
    const waiting = Array.from({ length: 1_000 }, () => waiter.wait(event, 450))
    await expect(Promise.race(waiting)).rejects.toMatchObject({ code: 'not_published' })
    await Promise.allSettled(waiting)
    expect(looks).toBeLessThanOrEqual(5)
  })

  it('goes on where the store cannot be read for a while', async () => {
    await using audit = createAudit({ store: memoryStore({ name: 'away.example' }) })
    const ack = await audit.record('a.b')
    await audit.publish()
    const { store } = await audit.opened()
    let away = 2
    const waiter = new PublishedWaiter(() => (away-- > 0 ? Promise.reject(new Error('away')) : Promise.resolve(store)))
    expect(await waiter.wait(ack)).toMatchObject({ index: 0 })
  })

  it('lets go of those who still wait when it is closed', async () => {
    const store = memoryStore({ name: 'closed.example' })
    const waiter = new PublishedWaiter(async () => store)
    const waiting = expect(waiter.wait(event)).rejects.toMatchObject({ code: 'closed' })
    await waiter.close()
    await waiting
    await expect(waiter.wait(event)).rejects.toMatchObject({ code: 'closed' })
  })
})

/** The same store as a plain object, to which a method can be given. */
const unbound = (store: Store): Store =>
  new Proxy({} as Store, {
    get: (_, name) => (typeof store[name as 'close'] === 'function' ? store[name as 'close'].bind(store) : store.name),
    ownKeys: () => Object.getOwnPropertyNames(Object.getPrototypeOf(store)),
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
  })
