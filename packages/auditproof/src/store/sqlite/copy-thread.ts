/** Entry point of a thread that copies a store: one long statement, so that progress can be told meanwhile. */
import { workerData } from 'node:worker_threads'
import type { DatabaseSync } from 'node:sqlite'
import { serveThread } from '../../thread/serve.ts'
import { readError } from './errors.ts'
import { openForReading } from './open.ts'
import { openReadOnly } from './open-read-only.ts'

const { path, kind } = workerData as { path: string; kind: 'store' | 'signer state' }
let db: DatabaseSync | undefined

serveThread({
  open: () => void (db = (kind === 'store' ? openForReading(path) : openReadOnly(path)).db),
  copyTo(draft: string) {
    try {
      db!.exec('PRAGMA query_only = OFF') // the copy is another file; this one is open for reading only
      db!.prepare('VACUUM INTO ?').run(draft)
    } catch (error) {
      throw readError(error, `copy ${path}`)
    }
  },
  close: () => db?.close(),
})
