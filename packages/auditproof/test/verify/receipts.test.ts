import { describe, expect, it } from 'vitest'
import { makeReceipt } from '../../src/evidence/index.ts'
import { verifyReceipt } from '../../src/verify/index.ts'
import { Bench } from './helpers.ts'

async function published(count = 5): Promise<Bench> {
  const bench = new Bench()
  await bench.append(count)
  await bench.publish()
  return bench
}

describe('a receipt', () => {
  it.each([1, 2, 3, 7, 8, 256, 300])('of each event of a log of %i verifies', async (count) => {
    const bench = await published(count)
    for (const index of new Set([0, 1, Math.floor(count / 2), count - 1].filter((one) => one < count))) {
      const report = await verifyReceipt(await makeReceipt(bench.store, { tenant: 'acme', index }), { key: bench.key })
      expect(report).toMatchObject({ verdict: 'verified', index, size: count, withheld: [] })
      expect(report.event).toMatchObject({ id: `event-${index}`, details: { n: index } })
    }
  })

  it('is found by the id of its event, in the tenant named or in the only one that has it', async () => {
    const bench = await published()
    const byPlace = await makeReceipt(bench.store, { tenant: 'acme', index: 3 })
    expect(await makeReceipt(bench.store, { id: 'event-3' })).toBe(byPlace)
    expect(await makeReceipt(bench.store, { id: 'event-3', tenant: 'acme' })).toBe(byPlace)
    await bench.store.append([JSON.stringify(bench.events.make({ tenant: 'lind', id: 'event-3' }))])
    await expect(makeReceipt(bench.store, { id: 'event-3' })).rejects.toMatchObject({ code: 'usage' })
    expect(await makeReceipt(bench.store, { id: 'event-3', tenant: 'acme' })).toBe(byPlace)
  })

  it('discloses the groups asked for', async () => {
    const bench = await published()
    const receipt = await makeReceipt(bench.store, { tenant: 'acme', index: 1 }, { groups: ['target', 'changes'] })
    const report = await verifyReceipt(receipt, { key: bench.key })
    expect(report).toMatchObject({ verdict: 'verified', withheld: ['actor', 'context', 'details'], withheldChanges: 0 })
    expect(report.event.changes).toEqual([{ path: '/status', op: 'replace', old: 'open', new: 1 }])
    const none = await verifyReceipt(await makeReceipt(bench.store, { tenant: 'acme', index: 1 }, { groups: [] }), {
      key: bench.key,
    })
    expect(none).toMatchObject({ verdict: 'verified', withheld: ['actor', 'target', 'context', 'changes', 'details'] })
  })

  it('of an event that was erased still verifies, without what is gone; so does one made before', async () => {
    const bench = await published()
    const before = await makeReceipt(bench.store, { tenant: 'acme', index: 2 })
    await bench.erase([{ index: 2, groups: ['actor', 'changes'] }])
    await bench.publish()
    const after = await makeReceipt(bench.store, { tenant: 'acme', index: 2 })
    expect(after).not.toContain('Mara')
    expect(await verifyReceipt(after, { key: bench.key })).toMatchObject({
      verdict: 'verified',
      withheld: ['actor', 'changes'],
    })
    expect(await verifyReceipt(before, { key: bench.key })).toMatchObject({ verdict: 'verified', withheld: [] })
  })

  it('keeps its checkpoint for good', async () => {
    const bench = await published()
    await bench.append(1)
    await bench.publish()
    const { log, published: newest } = (await bench.store.headOf('acme'))!
    const sizes = async (): Promise<number[]> => (await bench.store.checkpoints(log, 0, 10)).map(({ size }) => size)
    expect(await sizes()).not.toContain(newest!.size)
    await makeReceipt(bench.store, { tenant: 'acme', index: 0 })
    expect(await sizes()).toContain(newest!.size)
  })

  it('is not made of what is under no checkpoint yet, and says what to do', async () => {
    const bench = await published()
    await bench.append(1)
    await expect(makeReceipt(bench.store, { tenant: 'acme', index: 5 })).rejects.toMatchObject({
      code: 'not_found',
      hint: expect.stringContaining('not published yet') as string,
    })
  })

  it.each([
    ['an id that is not there', { id: 'nobody' }, 'not_found'],
    ['an index that is not there', { tenant: 'acme', index: 99 }, 'not_found'],
    ['a tenant that is not there', { tenant: 'nobody', index: 0 }, 'not_found'],
    ['a log that is not there', { log: 99, index: 0 }, 'not_found'],
    ['an index that is none', { tenant: 'acme', index: -1 }, 'usage'],
    ['nothing', {}, 'usage'],
  ])('is not made of %s', async (_name, of, code) => {
    const bench = await published()
    await expect(makeReceipt(bench.store, of)).rejects.toMatchObject({ code })
  })
})
