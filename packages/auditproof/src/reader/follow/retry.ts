/** What to do when the store cannot be read: some failures pass by waiting, longer each time. */
import { AuditError } from '../../errors.ts'
import { followLimits } from '../limits.ts'

export const mayPass = (error: unknown): boolean =>
  error instanceof AuditError && (error.code === 'store_unavailable' || error.code === 'store_busy')

export class Backoff {
  #ms = 0

  reset(): void {
    this.#ms = 0
  }

  /** @returns how long to wait this time, milliseconds */
  next(): number {
    this.#ms = Math.min(followLimits.retryMsMax, Math.max(followLimits.retryMs, 2 * this.#ms))
    return this.#ms
  }
}
