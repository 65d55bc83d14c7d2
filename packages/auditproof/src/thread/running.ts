/** One worker thread from its start to its end: its methods are called as promises. */
import { Worker } from 'node:worker_threads'
import { AuditError, errorCodes, type ErrorCode } from '../errors.ts'
import type { Call, PlainError, Reply } from './serve.ts'

/** What a call ends with when the thread dies under it. */
export type WhenEnded = (cause: Error, method: string) => AuditError

interface Waiting {
  resolve: (value: never) => void
  reject: (error: unknown) => void
  whenEnded: (cause: Error) => AuditError
}

export class RunningThread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly #onEnd: (cause: Error) => void
  #calls = 0
  #ended: Error | undefined

  /** @param onEnd called once, when it has ended, by itself or not; before the calls under way are rejected */
  constructor(module: URL, name: string, workerData: unknown, onEnd: (cause: Error) => void) {
    this.#onEnd = onEnd
    this.#worker = new Worker(module, { name, workerData })
    this.#worker.unref()
    this.#worker.on('message', (reply: Reply) => this.#take(reply))
    this.#worker.on('error', (error) => this.#end(error as Error))
    this.#worker.on('exit', (code) => this.#end(new Error(`it ended with code ${code}`)))
  }

  /** A waiting call keeps the process alive. */
  call<T>(method: string, args: readonly unknown[], whenEnded: WhenEnded): Promise<T> {
    if (this.#ended !== undefined) return Promise.reject(whenEnded(this.#ended, method))
    return new Promise<T>((resolve, reject) => {
      const n = this.#calls++
      // First, since it throws for what cannot be cloned; a call that was never made must not keep the process alive.
      this.#worker.postMessage({ n, method, args: [...args] } satisfies Call)
      this.#waiting.set(n, { resolve, reject, whenEnded: (cause) => whenEnded(cause, method) })
      if (this.#waiting.size === 1) this.#worker.ref()
    })
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }

  #take(reply: Reply): void {
    const call = this.#waiting.get(reply.n)
    this.#waiting.delete(reply.n)
    if (this.#waiting.size === 0) this.#worker.unref()
    if ('error' in reply) call?.reject(revive(reply.error))
    else call?.resolve(reply.value as never)
  }

  #end(cause: Error): void {
    if (this.#ended !== undefined) return
    this.#ended = cause
    this.#onEnd(cause)
    for (const { reject, whenEnded } of this.#waiting.values()) reject(whenEnded(cause))
    this.#waiting.clear()
  }
}

function revive(error: PlainError): Error {
  const code = errorCodes.find((known): known is ErrorCode => known === error.code)
  const revived =
    code === undefined
      ? new Error(error.message)
      : new AuditError(code, error.message, error.hint === undefined ? {} : { hint: error.hint })
  if (error.stack !== undefined) revived.stack = error.stack
  return revived
}
