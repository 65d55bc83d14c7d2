/** A moment by which several things, one after the other, have to be done. */
export class Deadline {
  readonly timeoutMs: number
  readonly #at: number

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs
    this.#at = performance.now() + timeoutMs
  }

  /**
   * What the promise resolves or rejects with, or `late` where that takes too long; what becomes of it then is nobody's
   * concern any more. What is done already is not late.
   */
  async of<T>(promise: Promise<T>): Promise<T | typeof late> {
    let timer: NodeJS.Timeout | undefined
    const passed = new Promise<typeof late>((resolve) => {
      timer = setTimeout(() => resolve(late), Math.max(0, this.#at - performance.now()))
    })
    try {
      return await Promise.race([promise, passed])
    } finally {
      clearTimeout(timer)
    }
  }
}

export const late: unique symbol = Symbol('late')
