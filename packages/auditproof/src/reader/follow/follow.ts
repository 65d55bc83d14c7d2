/** Following: every event in order, or a gap that says which are missing; across processes, and from where one left off. */
import { AuditError } from '../../errors.ts'
import { metaTenant, systemTenant } from '../../event/index.ts'
import type { Store, Watch } from '../../store/store.ts'
import { followLimits } from '../limits.ts'
import { Channel } from './channel.ts'
import { Follower, type Following, type FollowOptions } from './follower.ts'
import { formatFollowCursor } from './position.ts'
import { Backoff, mayPass } from './retry.ts'
import { FeedStream, LogStream, type Stream } from './stream.ts'
import type { Waiter } from './waiter.ts'

export type { Followed, Following, FollowOptions } from './follower.ts'

export interface FollowersOptions {
  /** Whether failures that may pass are waited out, without loss (the default); else they end all streams. */
  isPatient?: boolean
}

/** A channel, and when it is read next. */
interface Joined {
  readonly channel: Channel
  readonly backoff: Backoff
  /** There may be more than it has read. */
  isBehind: boolean
  /** It has failed, and rests up to here, milliseconds of `performance.now()`. */
  restsUntil: number
}

/** All who follow one store. Asks the store whether there is more only while somebody does. */
export class Followers {
  readonly #store: Store
  readonly #cursorKey: Uint8Array
  readonly #isPatient: boolean
  readonly #channels = new Map<string | undefined, Joined>()
  readonly #backoff = new Backoff()
  #timer: NodeJS.Timeout | undefined
  #version = -1
  #polling = false
  #watch: Watch | undefined
  #nudged = false
  #closed = false

  constructor(store: Store, cursorKey: Uint8Array, { isPatient = true }: FollowersOptions = {}) {
    this.#store = store
    this.#cursorKey = cursorKey
    this.#isPatient = isPatient
  }

  get count(): number {
    return [...this.#channels.values()].reduce((sum, { channel }) => sum + channel.members.size, 0)
  }

  /** @throws AuditError `usage` for the cursor or the filter */
  follow(options: FollowOptions): Following {
    const { tenant } = options.filter
    return new Follower(options, this.#cursorKey, {
      join: (waiter) => this.#join(tenant, waiter),
      leave: (channel, waiter) => this.#leave(tenant, channel, waiter),
      isPatient: this.#isPatient,
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
    this.#watch?.stop()
    for (const { channel } of this.#channels.values()) channel.stop()
  }

  #join(tenant: string | undefined, waiter: Waiter): Channel {
    if (this.#closed) throw new AuditError('closed', 'The store is closed.')
    let joined = this.#channels.get(tenant)
    if (joined === undefined) {
      const channel = new Channel(this.#streamOf(tenant))
      joined = { channel, backoff: new Backoff(), isBehind: true, restsUntil: 0 }
      this.#channels.set(tenant, joined)
    }
    joined.channel.members.add(waiter)
    this.#watch ??= this.#store.watch(() => this.nudge())
    this.nudge()
    return joined.channel
  }

  #streamOf(tenant: string | undefined): Stream {
    if (tenant !== undefined) return new LogStream(this.#store, tenant)
    return new FeedStream(this.#store, [systemTenant, metaTenant])
  }

  #leave(tenant: string | undefined, channel: Channel, waiter: Waiter): void {
    channel.members.delete(waiter)
    if (channel.members.size === 0) this.#forget(tenant, channel)
  }

  #forget(tenant: string | undefined, channel: Channel): void {
    // One that has failed is forgotten already, and another may be in its place.
    if (this.#channels.get(tenant)?.channel === channel) this.#channels.delete(tenant)
    if (this.#channels.size > 0) return
    clearTimeout(this.#timer)
    this.#watch?.stop()
    this.#watch = undefined
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

  /**
   * Reads one page for each channel, so that a busy one holds up the others for no more than that.
   * @returns when to look again, milliseconds
   */
  async #poll(): Promise<number> {
    try {
      const version = await this.#store.version()
      if (version !== this.#version) for (const joined of this.#channels.values()) joined.isBehind = true
      this.#version = version
      this.#backoff.reset()
    } catch (error) {
      for (const [tenant, joined] of this.#channels) this.#failed(tenant, joined, error)
      return this.#backoff.next()
    }
    const behind = [...this.#channels].filter(([, one]) => one.isBehind && performance.now() >= one.restsUntil)
    let isMore = false
    for (const [tenant, joined] of behind) isMore = (await this.#advance(tenant, joined)) || isMore
    if (isMore) return 0
    return this.#watch?.isLive === true ? followLimits.pollToldMs : followLimits.pollMs
  }

  async #advance(tenant: string | undefined, joined: Joined): Promise<boolean> {
    try {
      joined.isBehind = await joined.channel.advance()
      joined.backoff.reset()
      return joined.isBehind
    } catch (error) {
      this.#failed(tenant, joined, error)
      joined.restsUntil = performance.now() + joined.backoff.next()
      return false
    }
  }

  /** Nothing is swallowed: it is waited for, or told to all who follow. */
  #failed(tenant: string | undefined, { channel }: Joined, error: unknown): void {
    if (this.#isPatient && mayPass(error)) return
    this.#forget(tenant, channel)
    channel.fail(error)
  }
}
