/**
 * Sources give one id to several events: fixtures, tools that replay, stages that are not told apart. Nothing may be
 * lost for it: the first keeps the id, each other event gets one made of the id and its own line.
 */
import { hash } from 'node:crypto'
import { importLimits } from './limits.ts'

export class SharedIds {
  readonly #lines = new Map<string, string>()
  readonly #max: number

  constructor(max: number = importLimits.idsRemembered) {
    this.#max = max
  }

  /** Whether the id was met before in this run, on another line: the same line again is the same event again. */
  isShared(sourceId: string, line: Uint8Array): boolean {
    const digest = hash('sha256', line, 'base64')
    const first = this.#lines.get(sourceId)
    if (first !== undefined) return first !== digest
    this.#lines.set(sourceId, digest)
    // The oldest goes: events under one id stand close together.
    if (this.#lines.size > this.#max) for (const oldest of this.#lines.keys()) return !this.#lines.delete(oldest)
    return false
  }
}
