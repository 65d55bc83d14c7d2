/** One who follows: where he stands, what he looks for. */
import { AuditError } from '../../errors.ts'
import type { Selection } from '../../store/search.ts'
import type { ReadEvent } from '../event.ts'
import type { Filter } from '../filter.ts'
import { hasPhrase } from '../phrase.ts'
import { phrasesOf, selectionOf } from '../selection.ts'
import type { Channel } from './channel.ts'
import type { Gap, Item } from './item.ts'
import { formatFollowCursor, parseFollowCursor, type Position } from './position.ts'
import { Backoff, mayPass } from './retry.ts'
import type { Page } from './stream.ts'
import { Waiter } from './waiter.ts'

export interface FollowOptions {
  filter: Filter
  /** The cursor of what was received last. */
  after?: string | undefined
  /** Without a cursor: only what comes now (the default), or everything from the first event on. */
  from?: 'now' | 'beginning' | undefined
  /** Aborted: the stream ends. */
  signal?: AbortSignal | undefined
  /** Milliseconds since 1970, where relative times count from. */
  now?: number | undefined
}

/** `cursor`: go on behind this. */
export type Followed =
  | { readonly event: ReadEvent; readonly gap?: undefined; readonly cursor: string }
  | { readonly gap: Gap; readonly event?: undefined; readonly cursor: string }

export interface Following extends AsyncIterable<Followed> {
  /** Where the follower stands, past what was not selected; undefined until that is known. */
  readonly cursor: string | undefined
}

/** The side of those who follow one store together. */
export interface Membership {
  /** @throws AuditError `closed` */
  join(waiter: Waiter): Channel
  leave(channel: Channel, waiter: Waiter): void
  /** Whether failures that may pass are waited out; else they are told like all others. */
  readonly isPatient: boolean
}

export class Follower implements Following {
  readonly #tenant: string | undefined
  readonly #selection: Selection
  readonly #phrases: ReturnType<typeof phrasesOf>
  readonly #cursorKey: Uint8Array
  readonly #signal: AbortSignal | undefined
  readonly #membership: Membership
  #at: Position | undefined

  /** @throws AuditError `usage` for the cursor or the filter */
  constructor(options: FollowOptions, cursorKey: Uint8Array, membership: Membership) {
    const { filter, after, from = 'now', signal, now = Date.now() } = options
    const { tenant: _, ...selection } = selectionOf(filter.query, now)
    if (selection.sealed !== undefined)
      throw new AuditError('usage', 'Whether an event is under a checkpoint changes while it is followed.', {
        hint: 'leave has:proof and is:unsealed out',
      })
    this.#tenant = filter.tenant
    this.#selection = selection
    this.#phrases = phrasesOf(filter.query)
    this.#cursorKey = cursorKey
    this.#signal = signal
    this.#membership = membership
    if (after !== undefined) this.#at = parseFollowCursor(after, filter.tenant, cursorKey)
    else if (from === 'beginning') this.#at = { row: filter.tenant === undefined ? 1 : 0, index: 0 }
  }

  get cursor(): string | undefined {
    return this.#at && formatFollowCursor(this.#tenant, this.#at, this.#cursorKey)
  }

  [Symbol.asyncIterator](): AsyncGenerator<Followed, void> {
    const waiter = new Waiter()
    const steps = this.#steps(waiter)
    const end = steps.return.bind(steps)
    // A generator is returned from only when what it awaits has come: so what it waits for is ended first.
    steps.return = (value) => {
      waiter.stop()
      return end(value)
    }
    return steps
  }

  async *#steps(waiter: Waiter): AsyncGenerator<Followed, void> {
    const channel = this.#membership.join(waiter)
    const stop = (): void => waiter.stop()
    this.#signal?.addEventListener('abort', stop, { once: true })
    if (this.#signal?.aborted === true) stop()
    try {
      const backoff = new Backoff()
      while (!waiter.isStopped) {
        const page = await this.#read(channel, waiter)
        if (page === undefined) {
          await waiter.wait(backoff.next())
          continue
        }
        backoff.reset()
        for (const item of page.items) {
          if (waiter.isStopped) return
          this.#at = item.next
          const cursor = this.cursor!
          // Shown whatever is looked for: what is missing may be it.
          if (item.gap !== undefined) yield { gap: item.gap, cursor }
          else if (this.#isSelected(item)) yield { event: item.event, cursor }
        }
        this.#at = page.next
        // Looked at and waited for in one turn: nothing can come in between and be slept through.
        if (page.items.length === 0 && channel.isAtEnd(page.next)) await waiter.wait()
      }
    } finally {
      this.#signal?.removeEventListener('abort', stop)
      this.#membership.leave(channel, waiter)
    }
  }

  /** @returns undefined where it failed and there is something to wait for, if only the end */
  async #read(channel: Channel, waiter: Waiter): Promise<Page | undefined> {
    try {
      this.#at ??= await channel.end()
      return await channel.read(this.#at)
    } catch (error) {
      // Whoever stops may take the store away as well.
      if (waiter.isStopped || (this.#membership.isPatient && mayPass(error))) return undefined
      throw error
    }
  }

  #isSelected(item: Item): boolean {
    if (!item.isSelected(this.#selection)) return false
    return item.event.problem !== undefined || this.#phrases.every((phrase) => hasPhrase(item.event, phrase))
  }
}
