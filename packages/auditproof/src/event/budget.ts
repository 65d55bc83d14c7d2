/** What is left for one event while it is taken, and what had to be done to it. */
import { limits } from './limits.ts'
import type { Flag } from './flags.ts'

export class Budget {
  /** JSON text that may still be written, bytes of UTF-8. Below zero nothing is taken but short markers. */
  bytes: number
  /** Values that may still be visited. */
  values: number = limits.valuesMax
  /** Text that may still be hashed where it is cut, bytes of UTF-8. */
  hashBytes: number = limits.cutHashBytesMax
  readonly flags: Set<Flag> = new Set<Flag>()

  constructor(bytes: number = limits.eventBytesMax - limits.eventReserveBytes) {
    this.bytes = bytes
  }

  get spent(): boolean {
    return this.bytes < 0 || this.values < 0
  }
}
