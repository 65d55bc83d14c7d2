/** One who waits for more: until something changes, until he is to stop, or for so long at most. */
export class Waiter {
  #isStopped = false
  #wake: (() => void) | undefined

  get isStopped(): boolean {
    return this.#isStopped
  }

  wake(): void {
    this.#wake?.()
  }

  /** From here on nothing is waited for. */
  stop(): void {
    this.#isStopped = true
    this.wake()
  }

  /** Asks in the same turn whether it is over: a stop before it is not slept through. */
  wait(ms?: number): Promise<void> {
    if (this.#isStopped) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(() => this.wake(), ms)
      this.#wake = () => {
        clearTimeout(timer)
        this.#wake = undefined
        resolve()
      }
    })
  }
}
