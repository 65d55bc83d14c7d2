/** Time that stands where a test puts it, real salts, ids that count. */
import { formatTime } from '../event/index.ts'
import type { Sources } from '../store/append-plan.ts'
import { newSalt } from '../store/sources.ts'

export class TestSources implements Sources {
  /** Milliseconds since 1970. */
  ms: number = Date.UTC(2026, 0, 1)
  #ids = 0

  readonly now = (): string => formatTime(this.ms)!
  readonly newSalt: () => string = newSalt
  readonly newId = (): string => `own-${this.#ids++}`
}
