/** What the signer has signed, read beside it without opening it: verifying must change nothing. */
import { existsSync } from 'node:fs'
import type { SignedState } from '../sequencer/signer.ts'
import { readError } from '../store/sqlite/errors.ts'
import { openReadOnly } from '../store/sqlite/open-read-only.ts'

/** Undefined where there is no state. @throws AuditError `store_unavailable` where there is one that cannot be read */
export function readSignerStates(path: string): SignedState[] | undefined {
  if (!existsSync(path)) return undefined
  try {
    using db = openReadOnly(path).db
    return db.prepare('SELECT origin, size, root FROM signed').all() as unknown as SignedState[]
  } catch (error) {
    throw readError(error, `read ${path}`)
  }
}
