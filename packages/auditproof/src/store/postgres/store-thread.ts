/** Entry point of the thread that a store by address lives in. */
import { workerData } from 'node:worker_threads'
import { assert } from '../../errors.ts'
import { serveThread } from '../../thread/serve.ts'
import type { Store } from '../store.ts'
import { postgresStore } from './open-store.ts'
import type { PostgresOptions } from './open.ts'
import { threadMethods, type ThreadMethod } from './threaded.ts'

const options = workerData as PostgresOptions & { name: string }
let store: Store | undefined

const call = (method: ThreadMethod | 'close', args: unknown[]): unknown => {
  assert(store !== undefined, `${method} before open`)
  return (store[method] as (...args: unknown[]) => unknown)(...args)
}

serveThread({
  async open() {
    store = await postgresStore(options)
    return store.name
  },
  ...Object.fromEntries(threadMethods.map((method) => [method, (...args: unknown[]) => call(method, args)])),
  append: (batch: string) => call('append', [[batch]]),
  close: () => call('close', []),
})
