/**
 * Listens for the notifications of other processes on a connection of its own, which must be a direct one: a pooler that
 * changes connections between transactions delivers none. So a listener counts as live only once it has heard itself.
 */
import { randomUUID } from 'node:crypto'
import type { Watch } from '../store.ts'
import { channel } from './announcer.ts'

/** A connection that was lost is made again after this long, and after twice as long each time, milliseconds. */
const retryMs = 500
const retryMsMax = 30_000

export interface ListeningClient {
  connect: () => Promise<unknown>
  query: (text: string, values?: unknown[]) => Promise<unknown>
  end: () => Promise<void>
  on: ((event: 'notification', heard: (message: { payload?: string | undefined }) => void) => unknown) &
    ((event: 'error' | 'end', lost: () => void) => unknown)
}

export class Listener {
  readonly #newClient: () => Promise<ListeningClient>
  readonly #watchers = new Set<() => void>()
  readonly #own = randomUUID()
  #client: ListeningClient | undefined
  #timer: NodeJS.Timeout | undefined
  #failures = 0
  #isLive = false
  #isMaking = false

  constructor(newClient: () => Promise<ListeningClient>) {
    this.#newClient = newClient
  }

  watch(changed: () => void): Watch {
    const watcher = (): void => changed()
    this.#watchers.add(watcher)
    void this.#connect()
    const isLive = (): boolean => this.#isLive
    return {
      get isLive() {
        return isLive()
      },
      stop: () => {
        this.#watchers.delete(watcher)
        if (this.#watchers.size === 0) void this.close()
      },
    }
  }

  async close(): Promise<void> {
    this.#watchers.clear()
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isLive = false
    const client = this.#client
    this.#client = undefined
    await client?.end().catch(() => {}) // it is gone either way
  }

  async #connect(): Promise<void> {
    if (this.#client !== undefined || this.#timer !== undefined || this.#isMaking) return
    this.#isMaking = true
    const client = await this.#newClient().catch(() => undefined)
    this.#isMaking = false
    if (this.#watchers.size === 0) return // whoever wanted it has stopped meanwhile
    if (client === undefined) this.#retry()
    else await this.#listen(client)
  }

  /** Does not come to an end where the client is ended before it is connected. */
  async #listen(client: ListeningClient): Promise<void> {
    const lost = (): void => {
      if (this.#client !== client) return
      this.#client = undefined
      this.#isLive = false
      client.end().catch(() => {})
      this.#retry()
    }
    this.#client = client
    try {
      client.on('error', lost)
      client.on('end', lost)
      client.on('notification', ({ payload }) => this.#heard(payload))
      await client.connect()
      await client.query(`LISTEN ${channel}`)
      await client.query(`SELECT pg_notify('${channel}', $1)`, [this.#own])
    } catch {
      lost()
    }
  }

  #heard(payload: string | undefined): void {
    if (payload === this.#own) {
      this.#isLive = true
      this.#failures = 0
    }
    // Also after a connection was made again: what was told meanwhile was missed.
    for (const changed of this.#watchers) changed()
  }

  #retry(): void {
    if (this.#watchers.size === 0) return
    const ms = Math.min(retryMs * 2 ** this.#failures, retryMsMax)
    this.#failures += 1
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#watchers.size > 0) void this.#connect()
    }, ms).unref()
  }
}
