/**
 * Appends of one process on several connections: the next may begin as soon as the one before holds its logs, so that the
 * processor works while the disk does; what they give comes out in the order in which they were called.
 */
export class InOrder {
  #mayBegin: Promise<void> = Promise.resolve()
  #last: Promise<unknown> = Promise.resolve()

  /** @param work calls `hold` once the next one may begin; at its end that one may anyway */
  async run<T>(work: (hold: () => void) => Promise<T>): Promise<T> {
    const [begin, before] = [this.#mayBegin, this.#last]
    const held = Promise.withResolvers<void>()
    this.#mayBegin = held.promise
    const done = begin.then(() => work(held.resolve)).finally(held.resolve)
    const released = done.finally(() => before)
    this.#last = released.catch(() => {}) // its caller has the error; the next one only waits
    return released
  }
}
