/** What the signer has signed, read beside it without opening it: verifying must change nothing. */
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { SignedState } from '../sequencer/signer.ts'
import { storeError } from '../store/sqlite/errors.ts'

/** Undefined where there is no state. @throws AuditError `store_unavailable` where there is one that cannot be read */
export function readSignerStates(path: string): SignedState[] | undefined {
  if (!existsSync(path)) return undefined
  try {
    using db = new DatabaseSync(path, { readOnly: true, timeout: 10_000 })
    return db.prepare('SELECT origin, size, root FROM signed').all() as unknown as SignedState[]
  } catch (error) {
    throw storeError(error, `read ${path}`)
  }
}
