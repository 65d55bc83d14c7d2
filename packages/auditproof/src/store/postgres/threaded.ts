/**
 * A store by address in a thread of its own: sealing what is recorded takes the processor for milliseconds a batch, and the
 * application's event loop has none of it. Only the connection that listens is in the application's thread.
 */
import { AuditError } from '../../errors.ts'
import { Thread, threadModule } from '../../thread/thread.ts'
import { watchesNothing, type Store } from '../store.ts'
import { Listener } from './listener.ts'
import { listeningClient, type PostgresOptions } from './open.ts'

const writing = [
  'append', 'drainPending', 'eraseContent', 'publish', 'keepCheckpoint', 'appendMeta', 'buildIndex',
] as const // prettier-ignore
const reading = [
  'unpublished', 'heads', 'headOf', 'entries', 'find', 'list', 'survey', 'indexNodes', 'postings', 'leafTimes',
  'indexPlaces', 'tile', 'storedTiles', 'checkpoints', 'erasures', 'feed', 'feedEnd', 'version', 'inspect',
] as const // prettier-ignore

export type ThreadMethod = (typeof writing)[number] | (typeof reading)[number]
export const threadMethods: readonly ThreadMethod[] = [...writing, ...reading]

export interface ThreadedOptions extends PostgresOptions {
  database: string
  name: string
  /** Told when the thread has died or cannot be started, and, with undefined, when there is one again. */
  onTrouble?: (thread: string, trouble: AuditError | undefined) => void
}

const threadName = 'auditproof-postgres'

/** @throws AuditError `store_unavailable`, `store_format` */
export async function threadedStore({ onTrouble, ...options }: ThreadedOptions): Promise<Store> {
  let first: string | undefined
  const thread = new Thread<string>({
    module: threadModule('./store-thread', import.meta.url),
    name: threadName,
    workerData: options,
    whenEnded: diedUnder,
    opened(name) {
      first ??= name
      if (name !== first)
        throw new AuditError('store_unavailable', `The store in the database is ${name} now; it was ${first}.`, {
          hint: 'somebody put another store in its place: put the right one back',
        })
    },
    onTrouble: (trouble) => onTrouble?.(threadName, trouble),
  })
  return storeIn(thread, await thread.open(), options)
}

const diedUnder = (cause: Error, method: string): AuditError =>
  (writing as readonly string[]).includes(method)
    ? new AuditError('outcome_unknown', `The ${threadName} thread died under it (${cause.message}).`, {
        hint: 'record the event again with the same id',
        cause,
      })
    : new AuditError('store_unavailable', `The ${threadName} thread has died (${cause.message}).`, {
        hint: 'the next call starts another',
        cause,
      })

function storeIn(thread: Thread<string>, name: string, options: PostgresOptions): Store {
  const newClient = listeningClient(options)
  const listener = newClient && new Listener(newClient)
  let closed: Promise<void> | undefined
  const call = (method: ThreadMethod, args: readonly unknown[]): Promise<never> =>
    closed === undefined
      ? thread.call<never>(method, ...args)
      : Promise.reject(new AuditError('closed', 'The store is closed.', { hint: 'record before close()' }))
  const methods = Object.fromEntries(
    threadMethods.map((method) => [method, (...args: unknown[]) => call(method, args)]),
  ) as unknown as Pick<Store, ThreadMethod>
  return {
    ...methods,
    name,
    isShared: true,
    // One text for the whole batch crosses to the thread ten times faster than its parts would.
    append: (batch) => call('append', [batch.join(',')]),
    watch: (changed) => (closed === undefined ? (listener?.watch(changed) ?? watchesNothing) : watchesNothing),
    close() {
      closed ??= closeBoth(thread, listener)
      return closed
    },
  }
}

async function closeBoth(thread: Thread<string>, listener: Listener | undefined): Promise<void> {
  await Promise.all([thread.close(), listener?.close()])
}
