/**
 * The signer with key and state in files: `signer.key` and `signer.db`, synchronous; it runs in a thread of its own.
 * The lock of `signer.db` is the mutex between processes; one commit a round, however many logs it signs.
 */
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { storeError } from '../store/sqlite/errors.ts'
import { openDurably } from '../store/sqlite/open.ts'
import { openKey, type SigningKey } from './key-file.ts'
import { decide, signCheckpoint, stateFromNote } from './signing.ts'
import type { SignedState, SignRequest, SignResult } from './signer.ts'

export class FileSigner {
  readonly #key: SigningKey
  readonly #db: DatabaseSync

  /** @param newName the name of a key that may be made; undefined: there must be one */
  constructor(directory: string, newName: string | undefined) {
    this.#key = openKey(directory, newName)
    const path = join(directory, 'signer.db')
    this.#db = openDurably(path, (db) => {
      db.exec(
        'CREATE TABLE IF NOT EXISTS signed (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL) STRICT',
      )
    })
    chmodSync(path, 0o600)
  }

  describe(): { name: string; publicKey: Uint8Array; vkey: string } {
    const { name, publicKey, vkey } = this.#key
    return { name, publicKey, vkey }
  }

  sign(requests: readonly SignRequest[]): SignResult[] {
    const db = this.#db
    try {
      db.exec('BEGIN IMMEDIATE')
      const read = db.prepare('SELECT size, root FROM signed WHERE origin = ?')
      const write = db.prepare(
        'INSERT INTO signed (origin, size, root) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET size = excluded.size, root = excluded.root',
      )
      const decisions = requests.map((request) => {
        const known = read.get(request.origin) as Omit<SignedState, 'origin'> | undefined
        const decision = decide(request, known ?? stateFromNote(request.published, request.origin, this.#key))
        if (decision.sign) write.run(request.origin, request.size, request.root)
        return decision
      })
      db.exec('COMMIT')
      // The state is durable. Only now may a signature leave: dying here loses signatures, which are made again alike.
      return decisions.map((decision, i) =>
        decision.sign ? { state: 'signed', note: signCheckpoint(requests[i]!, this.#key) } : decision.result,
      )
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      throw storeError(error, 'keep the state of the signer')
    }
  }

  states(): SignedState[] {
    return this.#db.prepare('SELECT origin, size, root FROM signed').all() as unknown as SignedState[]
  }

  close(): void {
    this.#db.close()
  }
}
