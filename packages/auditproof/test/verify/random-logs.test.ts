import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { groups } from '../../src/event/index.ts'
import { makeReceipt, verifyStore } from '../../src/evidence/index.ts'
import { verifyReceipt } from '../../src/verify/index.ts'
import { tries } from '../effort.ts'
import { Bench } from './helpers.ts'

const tenants = ['acme', 'lind', 'weber'] as const
const group = fc.constantFrom(...groups)

type Step =
  | { do: 'append'; tenant: string; count: number }
  | { do: 'erase'; tenant: string; at: number; groups: (typeof groups)[number][] }
  | { do: 'publish'; meta: boolean }
  | { do: 'keep'; tenant: string }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      tenant: fc.constantFrom(...tenants),
      count: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(255, 256, 257)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('erase' as const),
      tenant: fc.constantFrom(...tenants),
      at: fc.nat(),
      groups: fc.uniqueArray(group, { minLength: 1 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('publish' as const), meta: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('keep' as const), tenant: fc.constantFrom(...tenants) }) },
)

async function run(bench: Bench, one: Step): Promise<void> {
  if (one.do === 'append') return bench.append(one.count, one.tenant)
  if (one.do === 'publish') return bench.publish(one.meta)
  const head = await bench.store.headOf(one.tenant)
  if (head === undefined) return
  if (one.do === 'keep') return void (await bench.store.keepCheckpoint(head.log))
  const index = one.at % head.size
  // The record of an erasure is never erased.
  await bench.erase([{ index, groups: one.groups }], one.tenant).catch((error: { code: string }) => {
    if (error.code !== 'erase_refused') throw error
  })
}

describe('any store that was written through its contract', () => {
  it('verifies, extends what was published before, and gives receipts that verify', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), fc.nat(), async (steps, chosen) => {
        const bench = new Bench()
        const since: string[] = []
        for (const one of steps) {
          await run(bench, one)
          since.push(
            ...(await bench.store.heads()).flatMap(({ published }) =>
              published === undefined ? [] : [published.note],
            ),
          )
        }
        await bench.append(1)
        await bench.publish()
        const report = await verifyStore(bench.store, { key: bench.key, since })
        expect(report.checks.filter(({ ok }) => !ok)).toEqual([])
        expect(report.verdict).toBe('verified')

        const heads = (await bench.store.heads()).filter(({ tenant }) => tenant !== '_meta')
        const head = heads[chosen % heads.length]!
        const receipt = await makeReceipt(bench.store, { log: head.log, index: chosen % head.size })
        expect(await verifyReceipt(receipt, { key: bench.key })).toMatchObject({
          verdict: 'verified',
          origin: head.origin,
        })
      }),
      { numRuns: tries(40, 10) },
    )
  })

  it('verifies over 65,536 entries, where tiles have a third level', async () => {
    const bench = new Bench()
    for (let left = 66_000; left > 0; left -= 1000) {
      const batch = Array.from({ length: 1000 }, () => JSON.stringify(bench.events.makeSmall()))
      await bench.store.append(batch)
    }
    await bench.publish()
    const report = await verifyStore(bench.store, { key: bench.key })
    expect(report.verdict).toBe('verified')
    expect(report.checks.find(({ name }) => name === 'tiles')).toMatchObject({
      detail: '258 full tiles computed again',
    })
  })
})
