import type { TakenSubmission } from '../../event/index.ts'
import { encodeHex } from '../../log/index.ts'
import type { Store } from '../../store/store.ts'
import type { Claims } from '../harness.ts'
import { TestSigner } from '../signing.ts'
import { expectSoundLog, texts, type Stored } from './whole-log.ts'

export function twoWritersClaims(claims: Claims): void {
  const { claim, expect } = claims

  claim(
    'tell each other by the version that something was committed, and only then',
    async ({ store, second, events }) => {
      const other = await second()
      let seen = await store.version()
      expect(await store.version()).toBe(seen)
      const signer = new TestSigner()
      const commits = [
        () => other.append(texts([events.make()])),
        () => store.append(texts([events.make()])),
        () => signer.publishAll(other),
        () => other.buildIndex(),
      ]
      for (const commit of commits) {
        await commit()
        const now = await store.version()
        expect(now === seen, 'the version is as before').toBe(false)
        expect(await store.version()).toBe(now)
        seen = now
      }
      expect(await store.feedEnd()).toBe((await store.feed(0, 100)).length)
    },
  )

  claim('write 1,000 events at once without a gap and without a fork', async ({ store, second, events, random }) => {
    const tenants = ['a', 'b']
    const all = Array.from({ length: 1000 }, () => events.makeSmall(random.pick(tenants)))
    // A tenth goes to both, as a delivery that was repeated to another process.
    const shared = all.filter(() => random.below(10) === 0)
    const told = new Map<string, string>()
    const write = async (to: Store, queue: TakenSubmission[]): Promise<void> => {
      while (queue.length > 0) {
        const batch = queue.splice(0, 1 + random.below(40))
        const outcomes = (await to.append(texts(batch))) as Stored[]
        outcomes.forEach(({ index, leafHash }, i) => {
          const place = `${index} ${encodeHex(leafHash)}`
          expect(told.get(batch[i]!.id) ?? place).toBe(place)
          told.set(batch[i]!.id, place)
        })
      }
    }
    await Promise.all([
      write(store, all.slice(0, 500).concat(shared)),
      write(await second(), shared.concat(all.slice(500))),
    ])
    let found = 0
    for (const tenant of tenants)
      for (const { id, index, leafHash } of await expectSoundLog(claims, store, tenant)) {
        expect(told.get(id)).toBe(`${index} ${encodeHex(leafHash)}`)
        found += 1
      }
    expect(found).toBe(1000)
    await expectSoundLog(claims, store, '_system')
  })

  claim('make one log of a new tenant, not two', async ({ store, second, events }) => {
    const other = await second()
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        (i % 2 === 0 ? store : other).append(texts([events.make({ tenant: `t${i >> 2}` })])),
      ),
    )
    const heads = await store.heads()
    expect(heads.map(({ tenant }) => tenant).toSorted()).toEqual(['_system', 't0', 't1', 't2', 't3', 't4'])
    expect((await expectSoundLog(claims, other, '_system')).length).toBe(6)
  })

  claim('see what the other one has appended', async ({ store, second, events }) => {
    const other = await second()
    for (let i = 0; i < 6; i++) {
      const [outcome] = await (i % 2 === 0 ? store : other).append(texts([events.make()]))
      expect(outcome).toMatchObject({ state: 'stored', index: i })
      expect((await (i % 2 === 0 ? other : store).headOf('acme'))?.size).toBe(i + 1)
    }
    await expectSoundLog(claims, other, 'acme')
  })
}
