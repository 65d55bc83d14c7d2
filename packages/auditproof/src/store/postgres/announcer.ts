/**
 * Tells other processes that something was committed. Behind the commit and in a statement of its own: a NOTIFY inside the
 * transaction makes all commits of the database wait for each other.
 */
import type { Connections } from './connections.ts'

export const channel = 'auditproof'

/** Commits within this time are told by one notification, milliseconds. */
const announceMs = 20

export class Announcer {
  readonly #connections: Connections
  #timer: NodeJS.Timeout | undefined
  #underWay: Promise<void> = Promise.resolve()

  constructor(connections: Connections) {
    this.#connections = connections
  }

  announce(): void {
    this.#timer ??= setTimeout(() => this.#tell(), announceMs).unref()
  }

  #tell(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    // Whoever is not told finds it when it polls.
    this.#underWay = this.#connections
      .once('tell other processes', `SELECT pg_notify('${channel}', '')`)
      .catch(() => {})
  }

  /** Tells at once what is left to tell. */
  async close(): Promise<void> {
    if (this.#timer !== undefined) this.#tell()
    await this.#underWay
  }
}
