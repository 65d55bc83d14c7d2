/** The worker's side: methods by name, called one after the other, answered by number. */
import { parentPort } from 'node:worker_threads'
import { AuditError, assert } from '../errors.ts'

export interface Call {
  n: number
  method: string
  args: unknown[]
}

export type Reply = { n: number; value: unknown } | { n: number; error: PlainError }

/** An error as it crosses threads: structured clone would drop the class and the code. */
export interface PlainError {
  code: string | undefined
  message: string
  hint: string | undefined
  stack: string | undefined
}

export function serveThread(methods: { [name: string]: (...args: never[]) => unknown }): void {
  const port = parentPort
  assert(port !== null, 'serveThread outside a worker thread')
  port.on('message', ({ n, method, args }: Call) => {
    try {
      const call = methods[method] as ((...args: unknown[]) => unknown) | undefined
      assert(call !== undefined, `no method ${method} in this thread`)
      port.postMessage({ n, value: call(...args) } satisfies Reply)
    } catch (error) {
      port.postMessage({ n, error: plainError(error) } satisfies Reply)
    }
    if (method === 'close') port.close()
  })
}

function plainError(error: unknown): PlainError {
  if (error instanceof AuditError)
    return { code: error.code, message: error.message, hint: error.hint, stack: error.stack }
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return { code: undefined, message, hint: undefined, stack }
}
