/**
 * Appends of one process on several connections: the next may begin as soon as the one before holds its logs, so that the
 * processor works while the disk does; what they give comes out in the order in which they were called. One that the database
 * refuses for a row of it is tried again by itself, and may come to stand behind the next one.
 */
export class InOrder {
  #mayBegin: Promise<void> = Promise.resolve()
  #last: Promise<void> = Promise.resolve()

  /** @param work calls `hold` once the next one may begin; at its end that one may anyway */
  async run<T>(work: (hold: () => void) => Promise<T>): Promise<T> {
    const [mayBegin, before] = [this.#mayBegin, this.#last]
    const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    this.#mayBegin = begun.promise
    this.#last = ended.promise
    try {
      await mayBegin
      return await work(begun.resolve)
    } finally {
      begun.resolve()
      await before
      ended.resolve()
    }
  }
}
