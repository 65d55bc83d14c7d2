/** What happened to every event that was handed over. The numbers always balance. */
import type { Flag } from '../event/index.ts'

export class Counters {
  offered = 0
  stored = 0
  rejected = 0
  readonly flags: { [flag in Flag]?: number } = {}
  readonly #produced = new Map<string, number>()

  /** The producer's count for a tenant, from 0. */
  next(tenant: string): number {
    const n = this.#produced.get(tenant) ?? 0
    this.#produced.set(tenant, n + 1)
    return n
  }
}

export interface Health {
  /** `ok`; `degraded`: recording works, something else does not; `failing`: events are being rejected. */
  status: 'ok' | 'degraded' | 'failing'
  /** Why it is not ok, in words that can be shown. */
  problems: string[]
  /** offered = stored + rejected + waiting */
  offered: number
  stored: number
  rejected: number
  waiting: number
  /** How many events were mended on their way in, by flag. */
  flags: { [flag in Flag]?: number }
}
