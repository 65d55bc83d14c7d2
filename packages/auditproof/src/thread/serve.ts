/** The worker's side: methods by name, called in order, answered by number; those that give promises when they are done. */
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
    const answer = (reply: Reply): void => {
      port.postMessage(reply)
      if (method === 'close') port.close()
    }
    const refuse = (error: unknown): void => answer({ n, error: plainError(error) })
    try {
      const call = methods[method] as ((...args: unknown[]) => unknown) | undefined
      assert(call !== undefined, `no method ${method} in this thread`)
      const value = call(...args)
      if (value instanceof Promise) value.then((result: unknown) => answer({ n, value: result }), refuse)
      else answer({ n, value })
    } catch (error) {
      refuse(error)
    }
  })
}

function plainError(error: unknown): PlainError {
  if (error instanceof AuditError)
    return { code: error.code, message: error.message, hint: error.hint, stack: error.stack }
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return { code: undefined, message, hint: undefined, stack }
}
