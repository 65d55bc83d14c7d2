/**
 * A store that is an older copy of what was signed, and what it takes to go on with it all the same.
 *
 * Going on makes the signer sign a second history of the same logs: whoever holds a newer checkpoint has both, signed
 * with one key, and is right to call it a fork. Nothing can undo that, so it is never done silently: a person accepts it,
 * it is kept in signer.db, append-only, it is recorded in `_system`, and every verification tells.
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { assert, AuditError } from '../errors.ts'
import type { RolledBackLog } from '../event/index.ts'
import { decodeBase64, encodeBase64, emptyRoot, sameHash } from '../log/index.ts'
import { readError } from '../store/sqlite/errors.ts'
import { openReadOnly } from '../store/sqlite/open-read-only.ts'
import type { LogHead } from '../store/store.ts'
import { SignerState } from './signer-state.ts'
import type { SignedState } from './signer.ts'

/** One act of accepting. */
export interface AcceptedRollback {
  /** Made when it was accepted; the ids of its events in `_system` begin with it. */
  id: string
  acceptedAt: string
  logs: RolledBackLog[]
}

/** The logs that had more signed than the store holds. What has the same size and another root is no older copy. */
export function rolledBackLogs(states: readonly SignedState[], heads: readonly LogHead[]): RolledBackLog[] {
  const byOrigin = new Map(heads.map((head) => [head.origin, head]))
  return states.flatMap(({ origin, size: signedSize, root: signedRoot }) => {
    const { tenant = '', size = 0, root = emptyRoot() } = byOrigin.get(origin) ?? {}
    return size < signedSize
      ? [{ tenant, origin, signedSize, signedRoot: encodeBase64(signedRoot), size, root: encodeBase64(root) }]
      : []
  })
}

/**
 * Sets the state of exactly these logs back to what came back, and keeps for good what it was; one transaction.
 * @throws AuditError `store_busy` where something was signed since they were looked at
 */
export function acceptRollback(directory: string, logs: readonly RolledBackLog[], acceptedAt: string): void {
  const id = `rollback-${randomBytes(8).toString('hex')}`
  const state = new SignerState(join(directory, 'signer.db'))
  try {
    state.transaction((db) => {
      db.exec(schema)
      const read = db.prepare('SELECT size, root FROM signed WHERE origin = ?')
      const keep = db.prepare('INSERT INTO accepted_rollback VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
      const reset = db.prepare('UPDATE signed SET size = ?, root = ? WHERE origin = ?')
      for (const { tenant, origin, signedSize, signedRoot, size, root } of logs) {
        const known = read.get(origin) as Omit<SignedState, 'origin'> | undefined
        const [before, after] = [bytesOf(signedRoot), bytesOf(root)]
        if (known?.size !== signedSize || !sameHash(known.root, before))
          throw new AuditError('store_busy', `${origin} was signed by somebody else in this moment.`, {
            hint: 'stop what uses the store, and try again',
          })
        keep.run(id, acceptedAt, tenant, origin, signedSize, before, size, after)
        reset.run(size, after, origin)
      }
    })
  } finally {
    state.close()
  }
}

/** What was ever accepted, oldest first. @param path of signer.db @throws AuditError `store_unavailable`, `store_corrupt` */
export function readAcceptedRollbacks(path: string): AcceptedRollback[] {
  if (!existsSync(path)) return []
  try {
    using db = openReadOnly(path).db
    if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'accepted_rollback'").get() === undefined) return []
    const byId = new Map<string, AcceptedRollback>()
    for (const row of db.prepare('SELECT * FROM accepted_rollback ORDER BY rowid').all() as unknown as Row[]) {
      const { id, accepted_at, tenant, origin, signed_size, signed_root, size, root } = row
      const accepted = byId.get(id) ?? { id, acceptedAt: accepted_at, logs: [] }
      const signedRoot = encodeBase64(signed_root)
      accepted.logs.push({ tenant, origin, signedSize: signed_size, signedRoot, size, root: encodeBase64(root) })
      byId.set(id, accepted)
    }
    return [...byId.values()]
  } catch (error) {
    throw readError(error, `read ${path}`)
  }
}

function bytesOf(root: string): Uint8Array {
  const bytes = decodeBase64(root)
  assert(bytes !== undefined, `root ${root} is not base64`)
  return bytes
}

interface Row {
  id: string
  accepted_at: string
  tenant: string
  origin: string
  signed_size: number
  signed_root: Uint8Array
  size: number
  root: Uint8Array
}

const schema = `
CREATE TABLE IF NOT EXISTS accepted_rollback (
  id TEXT NOT NULL, accepted_at TEXT NOT NULL, tenant TEXT NOT NULL, origin TEXT NOT NULL,
  signed_size INTEGER NOT NULL, signed_root BLOB NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL) STRICT;
CREATE TRIGGER IF NOT EXISTS accepted_rollback_no_update BEFORE UPDATE ON accepted_rollback
  BEGIN SELECT RAISE(ABORT, 'accepted_rollback is append-only'); END;
CREATE TRIGGER IF NOT EXISTS accepted_rollback_no_delete BEFORE DELETE ON accepted_rollback
  BEGIN SELECT RAISE(ABORT, 'accepted_rollback is append-only'); END;`
