import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { AuditError } from '../errors.ts'
import type { AppendOutcome } from '../store/store.ts'
import { recorderLimits } from './limits.ts'
import { Queue } from './queue.ts'

/** An append that waits until it is let go, and remembers its batches. */
function heldAppend(): {
  append: (batch: readonly string[]) => Promise<AppendOutcome[]>
  batches: string[][]
  letGo: () => void
} {
  const batches: string[][] = []
  let letGo = (): void => {}
  const append = async (batch: readonly string[]): Promise<AppendOutcome[]> => {
    batches.push([...batch])
    await new Promise<void>((resolve) => (letGo = resolve))
    return batch.map((_, index) => ({
      state: 'stored',
      tenant: 't',
      log: 'l',
      index,
      leafHash: new Uint8Array(32),
      duplicate: false,
    }))
  }
  return { append, batches, letGo: () => letGo() }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the queue', () => {
  it('gathers the next batch while one append is under way', async () => {
    const { append, batches, letGo } = heldAppend()
    const queue = new Queue(append)
    const first = [queue.add('a', '1'), queue.add('a', '2')]
    await settle()
    const second = [queue.add('a', '3'), queue.add('a', '4'), queue.add('a', '5')]
    await settle()
    expect(batches).toEqual([['1', '2']])
    expect(queue.depth).toBe(5)
    letGo()
    await Promise.all(first)
    await settle()
    letGo()
    await Promise.all(second)
    expect(batches).toEqual([
      ['1', '2'],
      ['3', '4', '5'],
    ])
    expect(queue.depth).toBe(0)
  })

  it('begins a second append early where the store takes two, when enough waits, and calls them in order', async () => {
    const batches: string[][] = []
    const answers: (() => void)[] = []
    const append = async (batch: readonly string[]): Promise<AppendOutcome[]> => {
      batches.push([...batch])
      await new Promise<void>((resolve) => answers.push(resolve))
      return batch.map(() => ({ state: 'pending', tenant: 'a' }))
    }
    const queue = new Queue(append, () => 2)
    const all = [queue.add('a', 'first')]
    await settle()
    for (let i = 0; i < recorderLimits.overlapEvents - 1; i++) all.push(queue.add('a', `s${i}`))
    await settle()
    expect(batches).toHaveLength(1)
    all.push(queue.add('a', 'enough'), queue.add('a', 'also'))
    await settle()
    expect(batches.map((batch) => batch.length)).toEqual([1, recorderLimits.overlapEvents + 1])
    for (let i = 0; i < 2 * recorderLimits.overlapEvents; i++) all.push(queue.add('a', `t${i}`))
    await settle()
    expect(batches).toHaveLength(2)
    answers[0]!()
    await settle()
    expect(batches).toHaveLength(3)
    for (const answer of answers) answer()
    await settle()
    answers.at(-1)!()
    await Promise.all(all)
    await queue.idle()
    expect([queue.depth, batches.flat().length]).toEqual([0, all.length])
  })

  it('answers what is added in the moment in which the last append ends', async () => {
    const queue = new Queue(
      async (batch) => batch.map(() => ({ state: 'pending', tenant: 'a' })),
      () => 2,
    )
    for (let i = 0; i < 200; i++) {
      const added = queue.add('a', 'x')
      for (let turn = 0; turn < i % 9; turn++) await Promise.resolve()
      await Promise.all([added, queue.add('a', 'y')])
    }
    expect(queue.depth).toBe(0)
  })

  it('fills a batch from the tenants in turn, so that a noisy one delays nobody by more than a batch', async () => {
    const { append, batches, letGo } = heldAppend()
    const queue = new Queue(append)
    for (let i = 0; i < 3 * recorderLimits.batchEvents; i++) void queue.add('noisy', `n${i}`)
    void queue.add('quiet', 'q')
    await settle()
    expect(batches[0]).toHaveLength(recorderLimits.batchEvents)
    expect(batches[0]!.slice(0, 3)).toEqual(['n0', 'q', 'n1'])
    for (let i = 0; i < 4; i++) {
      letGo()
      await settle()
    }
    await queue.idle()
    expect(batches.flat().filter((text) => text.startsWith('n'))).toEqual(
      Array.from({ length: 3 * recorderLimits.batchEvents }, (_, i) => `n${i}`),
    )
  })

  it('answers every event of a batch that fails with the error, and goes on', async () => {
    let fail = true
    const queue = new Queue(async (batch) => {
      if (fail) throw new AuditError('disk_full', 'full')
      return batch.map(() => ({ state: 'rejected', code: 'store_rejected', message: 'x' }))
    })
    const failed = await Promise.allSettled([queue.add('a', '1'), queue.add('b', '2')])
    expect(failed.map((one) => one.status === 'rejected' && (one.reason as AuditError).code)).toEqual([
      'disk_full',
      'disk_full',
    ])
    fail = false
    expect(await queue.add('a', '3')).toMatchObject({ state: 'rejected' })
  })

  it('accepts no more than its bytes, and says so', async () => {
    const { append, letGo } = heldAppend()
    const queue = new Queue(append)
    const large = 'x'.repeat(recorderLimits.queueUnitsMax / 2)
    const accepted = [queue.add('a', large), queue.add('a', large)]
    await expect(queue.add('a', 'x')).rejects.toMatchObject({ code: 'queue_full' })
    for (let i = 0; i < 2; i++) {
      await settle()
      letGo()
    }
    await Promise.all(accepted)
  })

  it('holds nothing of what it has answered, though a tenant’s line never gets empty', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const { append, batches, letGo } = heldAppend()
    const queue = new Queue(append)
    const bytesHeld = (): number => {
      collect()
      return process.memoryUsage().heapUsed
    }
    const bytes = 8_000_000
    const before = bytesHeld()
    for (let i = 0; i < 7; i++) void queue.add('a', JSON.stringify('x'.repeat(bytes)))
    for (let i = 0; i < 5; i++) {
      await settle()
      batches.length = 0
      letGo()
    }
    await settle()
    batches.length = 0
    expect(queue.depth).toBe(2)
    expect(bytesHeld() - before).toBeLessThan(3 * bytes)
    letGo()
    await settle()
    letGo()
    await queue.idle()
  })
})
