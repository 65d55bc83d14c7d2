/** The two threads of a store, and what must hold before another takes the place of one that died. */
import { existsSync } from 'node:fs'
import { AuditError } from '../../errors.ts'
import { Thread, threadModule, type ThreadOptions } from '../../thread/thread.ts'

export interface StoreFile {
  path: string
  /** Told when a thread has died or cannot be started, and, with undefined, when there is one again. */
  onTrouble?: (thread: string, trouble: AuditError | undefined) => void
}

/** Owns the writing connection; makes the file when there is none. */
export const writerThread = (file: StoreFile, newStoreName: string): Thread<string> =>
  openThread('writer', file, {
    workerData: { path: file.path, newStoreName },
    whenEnded: (cause) =>
      new AuditError('outcome_unknown', `The auditproof-writer thread died under it (${cause.message}).`, {
        hint: 'record the event again with the same id',
        cause,
      }),
  })

export const readerThread = (file: StoreFile): Thread<string> =>
  openThread('reader', file, { workerData: { path: file.path } })

function openThread(
  side: 'writer' | 'reader',
  { path, onTrouble }: StoreFile,
  more: Pick<ThreadOptions<string>, 'workerData' | 'whenEnded'>,
): Thread<string> {
  const name = `auditproof-${side}`
  let first: string | undefined
  return new Thread<string>({
    module: threadModule(`./${side}-thread`, import.meta.url),
    name,
    ...more,
    // A writer makes the file that is not there; that is for a beginning, never for taking the place of a store.
    beforeRestart() {
      if (!existsSync(path))
        throw new AuditError('store_unavailable', `The store at ${path} is not there any more.`, {
          hint: 'put it back; nothing is recorded until then',
        })
    },
    opened(storeName) {
      first ??= storeName
      if (storeName !== first)
        throw new AuditError('store_unavailable', `The store at ${path} is ${storeName} now; it was ${first}.`, {
          hint: 'somebody put another store in its place: put the right one back',
        })
    },
    onTrouble: (trouble) => onTrouble?.(name, trouble),
  })
}
