/** What a driver gives the suite, and the bench on which each claim is tried. */
import type { Sources } from '../store/append-plan.ts'
import type { Store } from '../store/store.ts'
import { EventMaker } from './event-maker.ts'
import { random, type Random } from './random.ts'
import { TestSources } from './test-sources.ts'
import type { TestTools } from './tools.ts'

export interface StoreHarness {
  /**
   * Opens the data, making it when there is none; again after `close`, the same data.
   * @param sources the suite's clock and randomness; a driver that takes none says so in `ownClock`
   */
  open: (sources: Sources) => Promise<Store>
  /** Another store on the same data, as another process would have it, while the first is open. */
  second: (sources: Sources) => Promise<Store>
  /** Throws the data away; the next `open` begins anew. All stores are closed. */
  destroy: () => Promise<void>
  /** Puts a text into `pending` as a committed transaction of an application would. */
  insertPending: (json: string) => Promise<void>
  /** The driver takes time and randomness from where it likes; claims that move the clock are left out. */
  ownClock?: boolean
}

/** One claim's world: a fresh store, its clock, events to put in, chance. */
export interface Bench {
  store: Store
  readonly harness: StoreHarness
  readonly sources: TestSources
  readonly events: EventMaker
  readonly random: Random
  /** Closes the store and opens the same data again. */
  reopen: () => Promise<Store>
  /** Another store on the same data; closed after the claim. */
  second: () => Promise<Store>
}

/** Where claims are written down. */
export interface Claims extends Pick<TestTools, 'expect'> {
  readonly ownClock: boolean
  claim: (title: string, run: (bench: Bench) => Promise<void>) => void
}

/** What takes half a minute on a server takes several where others work as well, milliseconds. */
const claimMs = 300_000

export function claimsOn(harness: StoreHarness, { it, expect }: TestTools): Claims {
  const claim: Claims['claim'] = (title, run) => {
    it(title, () => onFreshBench(harness, run), claimMs)
  }
  return { claim, expect, ownClock: harness.ownClock === true }
}

async function onFreshBench(harness: StoreHarness, run: (bench: Bench) => Promise<void>): Promise<void> {
  const seed = Math.floor(Math.random() * 2 ** 32)
  const sources = new TestSources()
  const seconds: Store[] = []
  const bench: Bench = {
    store: await harness.open(sources),
    harness,
    sources,
    events: new EventMaker(sources),
    random: random(seed),
    reopen: async () => {
      await bench.store.close()
      return (bench.store = await harness.open(sources))
    },
    second: async () => {
      const store = await harness.second(sources)
      seconds.push(store)
      return store
    },
  }
  try {
    await run(bench)
  } catch (error) {
    if (error instanceof Error) error.message += `\n(seed ${seed})`
    throw error
  } finally {
    for (const store of [bench.store, ...seconds]) await store.close()
    await harness.destroy()
  }
}
