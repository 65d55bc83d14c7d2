/** What happened to every event that was handed over. The numbers always balance. */
import type { Flag } from '../event/index.ts'

/** Of the door `record()`. */
export class Counters {
  offered = 0
  stored = 0
  rejected = 0
}

/** How many events were mended on their way in, by flag, by all doors. */
export class FlagCounts {
  readonly counts: { [flag in Flag]?: number } = {}

  add(flag: string): void {
    this.counts[flag as Flag] = (this.counts[flag as Flag] ?? 0) + 1
  }
}

export interface Health {
  /** `ok`; `degraded`: recording works, something else does not; `failing`: events are being rejected. */
  status: 'ok' | 'degraded' | 'failing'
  /** Why it is not ok, in words that can be shown. */
  problems: string[]
  /** offered = stored + rejected + waiting, of the events that went to the store directly. */
  offered: number
  stored: number
  rejected: number
  waiting: number
  /**
   * Written in transactions of the application by this process, which are no part of the numbers above: what becomes of
   * them is the transaction's business, so those that were rolled back are among them.
   */
  inTransaction: number
  /** Of what transactions left behind, this process has put so many into logs, whichever process wrote them. */
  sequenced: number
  /** Of that, the store refused so many; one that is tried again counts again. */
  drainRejected: number
  /** How many events were mended on their way in, by flag. */
  flags: { [flag in Flag]?: number }
}
