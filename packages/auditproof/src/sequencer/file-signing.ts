/**
 * The signer with key and state in files: `signer.key` and `signer.db`, synchronous; it runs in a thread of its own.
 * One commit a round, however many logs it signs.
 */
import { join } from 'node:path'
import { openKey, type SigningKey } from './key-file.ts'
import { SignerState } from './signer-state.ts'
import { decide, signCheckpoint, stateFromNote } from './signing.ts'
import type { SignedState, SignRequest, SignResult } from './signer.ts'

export class FileSigner {
  readonly #key: SigningKey
  readonly #state: SignerState

  /** @param newName the name of a key that may be made; undefined: there must be one */
  constructor(directory: string, newName: string | undefined) {
    this.#key = openKey(directory, newName)
    this.#state = new SignerState(join(directory, 'signer.db'))
  }

  describe(): { name: string; publicKey: Uint8Array; vkey: string } {
    const { name, publicKey, vkey } = this.#key
    return { name, publicKey, vkey }
  }

  sign(requests: readonly SignRequest[]): SignResult[] {
    const decisions = this.#state.transaction((db) => {
      const read = db.prepare('SELECT size, root FROM signed WHERE origin = ?')
      const write = db.prepare(
        'INSERT INTO signed (origin, size, root) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET size = excluded.size, root = excluded.root',
      )
      return requests.map((request) => {
        const known = read.get(request.origin) as Omit<SignedState, 'origin'> | undefined
        const decision = decide(request, known ?? stateFromNote(request.published, request.origin, this.#key))
        if (decision.sign) write.run(request.origin, request.size, request.root)
        return decision
      })
    })
    // The state is durable. Only now may a signature leave: dying here loses signatures, which are made again alike.
    return decisions.map((decision, i) =>
      decision.sign ? { state: 'signed', note: signCheckpoint(requests[i]!, this.#key) } : decision.result,
    )
  }

  states(): SignedState[] {
    return this.#state.transaction(
      (db) => db.prepare('SELECT origin, size, root FROM signed').all() as unknown as SignedState[],
    )
  }

  close(): void {
    this.#state.close()
  }
}
