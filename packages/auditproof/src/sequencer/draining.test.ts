import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { MemoryData, memoryStore, type MemoryFaults } from '../store/memory/index.ts'
import { EventMaker } from '../testing/event-maker.ts'
import { TestSources } from '../testing/test-sources.ts'
import type { AppendOutcome, Store } from '../store/store.ts'
import { Draining } from './draining.ts'
import { sequencerLimits } from './limits.ts'

interface Bench {
  store: Store
  leave: (count: number) => string[]
  faults: MemoryFaults
  data: MemoryData
  drained: AppendOutcome[]
  sizeOf: () => Promise<number>
  draining: Draining
}

/** @param isShared as of a store that many processes write to */
function bench(isShared: boolean, prepare: (faults: MemoryFaults) => void = () => {}): Bench {
  const data = new MemoryData('draining.example')
  const faults: MemoryFaults = {}
  prepare(faults)
  const store = Object.defineProperty(memoryStore({ name: data.name, data, faults }), 'isShared', { value: isShared })
  const events = new EventMaker(new TestSources())
  const drained: AppendOutcome[] = []
  const draining = new Draining(store, (outcomes) => void drained.push(...outcomes))
  const leave = (count: number): string[] =>
    events.makeMany(count).map((event) => {
      data.pending.push(JSON.stringify(event))
      return event.id
    })
  return { store, leave, faults, data, drained, draining, sizeOf: async () => (await store.headOf('acme'))?.size ?? 0 }
}

describe('draining', () => {
  it('takes all there is at a nudge, in as many steps as it needs', async () => {
    const { leave, drained, draining, sizeOf } = bench(false)
    leave(2 * sequencerLimits.drainRows + 1)
    draining.nudge()
    await vi.waitFor(async () => expect(await sizeOf()).toBe(2 * sequencerLimits.drainRows + 1))
    await draining.close()
    expect(drained.length).toBe(draining.sequenced)
  })

  it('finds what another process committed, where the store is shared', async () => {
    const { leave, draining, sizeOf } = bench(true)
    leave(1)
    await vi.waitFor(async () => expect(await sizeOf()).toBe(1))
    leave(1)
    await vi.waitFor(async () => expect(await sizeOf()).toBe(2))
    await draining.close()
  })

  it('does nothing unasked where it is not', async () => {
    const { leave, draining, sizeOf } = bench(false)
    leave(1)
    await sleep(2 * sequencerLimits.drainTickMs)
    expect(await sizeOf()).toBe(0)
    await draining.close()
    expect(await sizeOf()).toBe(0)
  })

  it('tries again after an error, says why meanwhile, and loses nothing', async () => {
    const { leave, draining, faults, sizeOf } = bench(false)
    leave(3)
    faults.failNext = 'store_unavailable'
    draining.nudge()
    await vi.waitFor(() => expect(draining.lastError).toMatchObject({ code: 'store_unavailable' }))
    await vi.waitFor(async () => expect(await sizeOf()).toBe(3), { timeout: 5_000 })
    await vi.waitFor(() => expect(draining.lastError).toBeUndefined())
    await draining.close()
    expect(draining).toMatchObject({ sequenced: 3, rejected: 0 })
  })

  it('settles by ids what was drained when the reply got lost', async () => {
    const { leave, draining, faults, data, sizeOf } = bench(false)
    leave(3)
    faults.loseNextReply = true
    draining.nudge()
    await vi.waitFor(() => expect(draining.lastError).toMatchObject({ code: 'outcome_unknown' }))
    await draining.close()
    expect([await sizeOf(), data.pending.length]).toEqual([3, 0])
  })

  it('counts what the store refuses, keeps it, and lets nothing else wait for it', async () => {
    const { leave, draining, faults, data, sizeOf } = bench(true)
    const [refused] = leave(3)
    faults.rejectId = refused!
    draining.nudge()
    await vi.waitFor(async () => expect(await sizeOf()).toBe(2))
    await vi.waitFor(() => expect(draining.lastError?.message).toContain('cannot be put into its log'))
    leave(sequencerLimits.drainRows)
    draining.nudge()
    await vi.waitFor(async () => expect(await sizeOf()).toBe(2 + sequencerLimits.drainRows))
    await expect(draining.close()).rejects.toMatchObject({ code: 'store_rejected' })
    expect(data.pending.length).toBe(1)
    expect(draining.rejected).toBeGreaterThan(1)
    expect(draining.sequenced).toBe(2 + sequencerLimits.drainRows)
  })

  it('does not run for ever over rows that are all refused', async () => {
    const { leave, draining, store, data } = bench(false)
    leave(sequencerLimits.drainRows)
    const rejected: AppendOutcome = { state: 'rejected', code: 'store_corrupt', message: 'It contradicts itself.' }
    let calls = 0
    store.drainPending = async () => ((calls += 1), data.pending.map(() => rejected))
    draining.nudge()
    await vi.waitFor(() => expect(draining.lastError).toMatchObject({ code: 'store_corrupt' }))
    expect(calls).toBe(1)
    await expect(draining.close()).rejects.toMatchObject({ code: 'store_corrupt' })
  })

  it('drains what is left when it is closed, and nothing after that', async () => {
    const { leave, draining, sizeOf } = bench(true)
    leave(5)
    await draining.close()
    expect(await sizeOf()).toBe(5)
    leave(1)
    draining.nudge()
    await sleep(2 * sequencerLimits.drainTickMs)
    expect(await sizeOf()).toBe(5)
  })
})
