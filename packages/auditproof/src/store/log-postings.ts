/** What is to be added to the search index of one log, gathered: one row a key and leaf, however many entries have it. */
import { leafWidth } from './offsets.ts'

/** Where it goes. */
export interface PostingSink {
  add: (leaf: number, key: string, offsets: readonly number[]) => void
  /** The leaf has entries of these times, microseconds since 1970. */
  extend: (leaf: number, earliest: number, latest: number) => void
}

export class LogPostings {
  readonly #sink: PostingSink
  readonly #offsets = new Map<string, number[]>()
  #leaf = -1
  #earliest = Infinity
  #latest = -Infinity

  constructor(sink: PostingSink) {
    this.#sink = sink
  }

  /** In order of index. @param time microseconds since 1970 */
  addEntry(index: number, keys: readonly string[], time: number): void {
    this.addKeys(index, keys)
    this.#earliest = Math.min(this.#earliest, time)
    this.#latest = Math.max(this.#latest, time)
  }

  /** In order of index; a key that stands twice counts once. */
  addKeys(index: number, keys: readonly string[]): void {
    const leaf = Math.floor(index / leafWidth)
    if (leaf !== this.#leaf) {
      this.write()
      this.#leaf = leaf
    }
    const offset = index % leafWidth
    for (const key of keys) {
      const offsets = this.#offsets.get(key)
      if (offsets === undefined) this.#offsets.set(key, [offset])
      else if (offsets.at(-1) !== offset) offsets.push(offset)
    }
  }

  write(): void {
    if (this.#leaf < 0) return
    // In the order of the table: neighbours lie on one page.
    for (const key of [...this.#offsets.keys()].sort()) this.#sink.add(this.#leaf, key, this.#offsets.get(key)!)
    if (this.#latest >= this.#earliest) this.#sink.extend(this.#leaf, this.#earliest, this.#latest)
    this.#offsets.clear()
    this.#earliest = Infinity
    this.#latest = -Infinity
  }
}
