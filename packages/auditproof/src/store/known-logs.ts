/** Logs with their right edges in memory, as a process saw them last; the least recently used go. */
import type { LogState } from './append-plan.ts'
import { storeLimits } from './limits.ts'

export class KnownLogs {
  readonly #states = new Map<string, LogState>()

  get(tenant: string): LogState | undefined {
    return this.#states.get(tenant)
  }

  /** A state whose entries were rolled back must not stay: after a commit, or forgotten by `clear`. */
  remember(state: LogState): void {
    this.#states.delete(state.tenant)
    this.#states.set(state.tenant, state)
    if (this.#states.size > storeLimits.edgesMax) this.#states.delete(this.#states.keys().next().value!)
  }

  /** What was loaded may have seen entries of a transaction that was rolled back: all is loaded anew. */
  clear(): void {
    this.#states.clear()
  }
}
