/** A worker thread whose methods are called as promises. */
import { Worker } from 'node:worker_threads'
import { AuditError, errorCodes, type ErrorCode } from '../errors.ts'
import type { Call, PlainError, Reply } from './serve.ts'

export class Thread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: unknown) => void }>()
  #calls = 0
  #ended: Error | undefined

  /** @param module URL of a module that calls `serveThread`; run from the sources it ends in `.ts` */
  constructor(module: URL, name: string, workerData: unknown) {
    this.#worker = new Worker(module, { name, workerData })
    this.#worker.unref()
    this.#worker.on('message', (reply: Reply) => {
      const call = this.#waiting.get(reply.n)
      this.#waiting.delete(reply.n)
      if (this.#waiting.size === 0) this.#worker.unref()
      if ('error' in reply) call?.reject(revive(reply.error))
      else call?.resolve(reply.value as never)
    })
    this.#worker.on('error', (error) => this.#end(error as Error))
    this.#worker.on('exit', () => this.#end(new Error(`The ${name} thread has ended.`)))
  }

  /** Rejects with `store_unavailable` when the thread is gone. A waiting call keeps the process alive. */
  call<T>(method: string, ...args: unknown[]): Promise<T> {
    if (this.#ended !== undefined) return Promise.reject(ended(this.#ended))
    return new Promise<T>((resolve, reject) => {
      const n = this.#calls++
      // First, since it throws for what cannot be cloned; a call that was never made must not keep the process alive.
      this.#worker.postMessage({ n, method, args } satisfies Call)
      this.#waiting.set(n, { resolve, reject })
      if (this.#waiting.size === 1) this.#worker.ref()
    })
  }

  /** For a thread that could not be opened; one that works is told to close. */
  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }

  #end(error: Error): void {
    this.#ended ??= error
    for (const { reject } of this.#waiting.values()) reject(ended(this.#ended))
    this.#waiting.clear()
  }
}

/** Where the module of a thread lies: beside its caller, with the caller's own ending. */
export const threadModule = (name: string, caller: string): URL =>
  new URL(`${name}${caller.endsWith('.ts') ? '.ts' : '.js'}`, caller)

function revive(error: PlainError): Error {
  const code = errorCodes.find((known): known is ErrorCode => known === error.code)
  const revived =
    code === undefined
      ? new Error(error.message)
      : new AuditError(code, error.message, error.hint === undefined ? {} : { hint: error.hint })
  if (error.stack !== undefined) revived.stack = error.stack
  return revived
}

const ended = (cause: Error): AuditError =>
  new AuditError('store_unavailable', 'The thread that serves the store has ended.', { cause })
