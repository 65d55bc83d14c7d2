/** Closing what the wiring has opened, by a deadline; what was not done by then is told, and goes on behind it. */
import { late, type Deadline } from './recorder/deadline.ts'
import type { PublishedWaiter } from './recorder/published.ts'
import type { Followers } from './reader/follow/follow.ts'
import type { Draining } from './sequencer/draining.ts'
import type { Indexing } from './sequencer/indexing.ts'
import type { Publishing } from './sequencer/publishing.ts'
import type { Signer } from './sequencer/signer.ts'
import type { Store } from './store/store.ts'

export interface Opened {
  store: Store
  /** Undefined where another process signs. */
  signer: Signer | undefined
  publisher: Publishing
  /** Those who wait for what the publisher does. */
  published: PublishedWaiter
  indexing: Indexing
  draining: Draining
  followers: Followers
  /** What cursors of lists are signed with. */
  cursorKey: Uint8Array
}

export interface Left {
  /** Why what transactions committed may not be in the logs yet: it stays where they left it, for the next start. */
  unsequenced?: string
  /** Why the last checkpoint could not be signed; the events are stored all the same. */
  unpublished?: string
  /** Why store or signer may not be closed yet. */
  unclosed?: string
}

/** Publishes what is left, then closes the store, then the signer. Never rejects. */
export async function closeOpened(
  { store, signer, publisher, published, indexing, draining, followers }: Opened,
  deadline: Deadline,
): Promise<Left> {
  followers.close()
  const unsequenced = await problemOf(draining.close(), deadline)
  const unpublished = (await problemOf(publisher.close(), deadline)) ?? publisher.refusals.values().next().value
  await problemOf(published.close(), deadline)
  // What is not in the index by then is found by words later: whoever opens the store next goes on.
  const unindexed = await problemOf(indexing.close(), deadline)
  // One after the other, also where the deadline has passed: a publisher that is told "closed" lets go of the signer.
  const unclosed = (await problemOf(closeBoth(store, signer), deadline)) ?? unindexed
  return {
    ...(unsequenced !== undefined && { unsequenced }),
    ...(unpublished !== undefined && { unpublished }),
    ...(unclosed !== undefined && { unclosed }),
  }
}

async function closeBoth(store: Store, signer: Signer | undefined): Promise<void> {
  try {
    await store.close()
  } finally {
    await signer?.close()
  }
}

/** Why it did not go well, in words. */
export async function problemOf(doing: Promise<unknown>, deadline: Deadline): Promise<string | undefined> {
  try {
    return (await deadline.of(doing)) === late ? `it was not done within ${deadline.timeoutMs} ms` : undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
