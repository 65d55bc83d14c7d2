/** The partitions of `content`, a month each, made before they are needed. */
import type { AuditError } from '../../errors.ts'
import type { Connections } from './connections.ts'

export class Months {
  readonly #connections: Connections
  #madeIn = ''
  #againAt = 0

  constructor(connections: Connections) {
    this.#connections = connections
  }

  /**
   * Partitions are made months ahead, and an append must not wait for them: what reads all of the table, as a backup does,
   * may hold it for hours. What falls into no month is kept all the same, and `doctor` tells.
   */
  async keep(now: string): Promise<void> {
    const month = now.slice(0, 7)
    if (month === this.#madeIn || Date.parse(now) < this.#againAt) return
    this.#againAt = Date.parse(now) + monthsRetryMs
    try {
      await this.#connections.write('make partitions', 'auditproof_sequencer', async (tx) => {
        await tx.rows(`SET LOCAL lock_timeout = ${monthsWaitMs}`)
        await tx.rows('SELECT auditproof.make_months($1)', monthsAhead)
      })
      this.#madeIn = month
    } catch (error) {
      if ((error as AuditError).code !== 'store_busy') {
        this.#againAt = 0
        throw error
      }
    }
  }
}

/** Partitions of `content` that are there before they are needed. */
const monthsAhead = 3
/** A read of all of `content` is waited for no longer than this, milliseconds: until then everybody waits behind. */
const monthsWaitMs = 1_000
/** Partitions that could not be made are tried again after this long, milliseconds. */
const monthsRetryMs = 600_000
