import { describe, expect, it } from 'vitest'
import { EventMaker, testStore, TestSources, type StoreHarness } from '../../testing/index.ts'
import { MemoryData, memoryStore, type MemoryFaults } from './index.ts'

const name = 'audit.example.org/memory'
let data = new MemoryData(name)
const open: StoreHarness['open'] = async (sources) => memoryStore({ name, sources, data })
const harness: StoreHarness = {
  open,
  second: open,
  destroy: async () => void (data = new MemoryData(name)),
  insertPending: async (json) => void data.pending.push(json),
}

testStore('memory', harness, { describe, it, expect })

describe('memory store with faults', () => {
  const setUp = () => {
    const [sources, held, faults] = [new TestSources(), new MemoryData(name), {} as MemoryFaults]
    const events = new EventMaker(sources)
    const texts = (count: number): string[] => events.makeMany(count).map((event) => JSON.stringify(event))
    return { store: memoryStore({ name, sources, faults, data: held }), sources, faults, held, events, texts }
  }

  for (const code of ['disk_full', 'store_unavailable'] as const)
    it(`stores nothing of a batch that fails with ${code}, and all of it the next time`, async () => {
      const { store, faults, texts } = setUp()
      const batch = texts(3)
      faults.failNext = code
      await expect(store.append(batch)).rejects.toMatchObject({ code })
      expect(await store.heads()).toEqual([])
      expect(await store.append(batch)).toMatchObject([0, 1, 2].map((index) => ({ index, duplicate: false })))
    })

  it('leaves in pending what could not be appended', async () => {
    const { store, faults, held, texts } = setUp()
    held.pending.push(...texts(2))
    faults.failNext = 'disk_full'
    await expect(store.drainPending(10)).rejects.toMatchObject({ code: 'disk_full' })
    expect(await store.drainPending(10)).toMatchObject([{ index: 0 }, { index: 1 }])
  })

  it('erases nothing when the erasure cannot be committed', async () => {
    const { store, faults, events, texts } = setUp()
    await store.append(texts(1))
    const submission = JSON.stringify(events.make({ action: 'audit.erase' }))
    faults.failNext = 'disk_full'
    const erasure = { tenant: 'acme', items: [{ index: 0, groups: ['actor' as const] }], submission }
    await expect(store.eraseContent(erasure)).rejects.toMatchObject({ code: 'disk_full' })
    const log = (await store.headOf('acme'))!.log
    expect(await store.erasures(log, -1, 10)).toEqual([])
    expect((await store.entries(log, 0, 9))[0]?.content?.summary.actor).toBe('user/u_0')
  })

  it('says the old places after it has lost a reply', async () => {
    const { store, faults, texts } = setUp()
    const batch = texts(3)
    faults.loseNextReply = true
    await expect(store.append(batch)).rejects.toMatchObject({ code: 'outcome_unknown' })
    expect(await store.append(batch)).toMatchObject([0, 1, 2].map((index) => ({ index, duplicate: true })))
  })

  it('takes the rest of a batch when a constraint refuses one event', async () => {
    const { store, faults, texts } = setUp()
    faults.rejectId = 'event-1'
    expect(await store.append(texts(3))).toMatchObject([
      { state: 'stored', index: 0 },
      { state: 'rejected', code: 'store_rejected' },
      { state: 'stored', index: 1 },
    ])
    expect(await store.find('event-1')).toEqual([])
  })

  it('makes no log for an event that is refused', async () => {
    const { store, faults, texts } = setUp()
    faults.rejectId = 'event-0'
    expect(await store.append(texts(1))).toMatchObject([{ state: 'rejected' }])
    expect(await store.heads()).toEqual([])
  })

  it('stores nothing of a batch whose salts run out midway', async () => {
    const { held, sources, texts } = setUp()
    const saltOf = sources.newSalt
    let salts = 20
    const newSalt = (): string => {
      if (salts-- === 0) throw new Error('no more randomness')
      return saltOf()
    }
    const store = memoryStore({ name, data: held, sources: Object.assign(sources, { newSalt }) })
    const batch = texts(5)
    await expect(store.append(batch)).rejects.toThrow('no more randomness')
    expect(await store.heads()).toEqual([])
    expect(await store.append(batch)).toMatchObject(batch.map((_, index) => ({ index, duplicate: false })))
  })

  it('appends in the order of the calls, however long each one takes', async () => {
    const { store, faults, texts } = setUp()
    faults.delayMs = 5
    const first = store.append(texts(2))
    faults.delayMs = undefined
    const second = store.append(texts(2))
    expect((await second).map((outcome) => outcome.state === 'stored' && outcome.index)).toEqual([2, 3])
    expect((await first).map((outcome) => outcome.state === 'stored' && outcome.index)).toEqual([0, 1])
  })
})
