/** Following: every event in order, or a gap that says which are missing; across processes, and from where one left off. */
import { AuditError } from '../../errors.ts'
import { metaTenant, systemTenant } from '../../event/index.ts'
import type { Store } from '../../store/store.ts'
import { followLimits } from '../limits.ts'
import { Channel, FeedStream, LogStream, type Stream } from './channel.ts'
import { formatFollowCursor } from './position.ts'
import { Follower, type Following, type FollowOptions } from './follower.ts'

export type { Followed, Following, FollowOptions } from './follower.ts'

/** All who follow one store. Asks the store whether there is more only while somebody does. */
export class Followers {
  readonly #store: Store
  readonly #cursorKey: Uint8Array
  readonly #channels = new Map<string | undefined, { channel: Channel; followers: number }>()
  #timer: NodeJS.Timeout | undefined
  #version = -1
  #polling = false
  #nudged = false
  #retryMs = 0
  #closed = false

  constructor(store: Store, cursorKey: Uint8Array) {
    this.#store = store
    this.#cursorKey = cursorKey
  }

  get count(): number {
    return [...this.#channels.values()].reduce((sum, { followers }) => sum + followers, 0)
  }

  /** @throws AuditError `usage` for the cursor or the filter */
  follow(options: FollowOptions): Following {
    const { tenant } = options.filter
    return new Follower(options, this.#cursorKey, {
      join: () => this.#join(tenant),
      leave: () => this.#leave(tenant),
      isClosed: () => this.#closed,
    })
  }

  /**
   * The cursor of all that is there now. Whoever lists what there is afterwards, and then follows from here, misses nothing;
   * the newest of the list may come again.
   */
  async end({ tenant }: { tenant?: string }): Promise<string> {
    return formatFollowCursor(tenant, await this.#streamOf(tenant).end(), this.#cursorKey)
  }

  /** Something was stored or published in this process: looks at once. */
  nudge(): void {
    if (this.#channels.size === 0 || this.#closed) return
    if (this.#polling) this.#nudged = true
    else this.#pollIn(0)
  }

  /** All streams end. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const { channel } of this.#channels.values()) channel.wakeAll()
  }

  #join(tenant: string | undefined): Channel {
    if (this.#closed) throw new AuditError('closed', 'The store is closed.')
    let joined = this.#channels.get(tenant)
    if (joined === undefined) {
      joined = { channel: new Channel(this.#streamOf(tenant)), followers: 0 }
      this.#channels.set(tenant, joined)
      this.#version = -1 // a channel that is new has not seen the last change
    }
    joined.followers += 1
    if (!this.#polling) this.#pollIn(0)
    return joined.channel
  }

  #streamOf(tenant: string | undefined): Stream {
    if (tenant !== undefined) return new LogStream(this.#store, tenant)
    return new FeedStream(this.#store, [systemTenant, metaTenant])
  }

  #leave(tenant: string | undefined): void {
    const joined = this.#channels.get(tenant)!
    joined.followers -= 1
    if (joined.followers === 0) this.#channels.delete(tenant)
    if (this.#channels.size === 0) clearTimeout(this.#timer)
  }

  #pollIn(ms: number): void {
    clearTimeout(this.#timer)
    if (this.#closed || this.#channels.size === 0) return
    // Keeps the process alive: somebody is waiting.
    this.#timer = setTimeout(() => void this.#pollAndGoOn(), ms)
  }

  async #pollAndGoOn(): Promise<void> {
    this.#polling = true
    const nextMs = await this.#poll()
    this.#polling = false
    this.#pollIn(this.#nudged ? 0 : nextMs)
    this.#nudged = false
  }

  /** @returns when to look again, milliseconds */
  async #poll(): Promise<number> {
    try {
      const version = await this.#store.version()
      if (version !== this.#version) {
        for (const { channel } of this.#channels.values()) await channel.advance()
        this.#version = version
      }
      this.#retryMs = 0
      return followLimits.pollMs
    } catch {
      // Followers who wait go on waiting: nothing is lost, and those who read themselves are told by their own reads.
      this.#retryMs = Math.min(followLimits.retryMsMax, Math.max(followLimits.retryMs, 2 * this.#retryMs))
      for (const { channel } of this.#channels.values()) channel.wakeAll()
      return this.#retryMs
    }
  }
}
