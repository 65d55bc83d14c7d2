/** A signer that lives in memory: one Ed25519 key for all names, as the key of a store. */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { formatCheckpoint, noteVerifier, signNote, vkeyFor, type NoteSigner, type NoteVerifier } from '../log/index.ts'
import type { Publication, Store, UnpublishedLog } from '../store/store.ts'

export class TestSigner {
  readonly #privateKey: KeyObject
  readonly publicKey: Uint8Array

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    this.#privateKey = privateKey
    // An SPKI of Ed25519 is 12 bytes of header and the key.
    this.publicKey = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32))
  }

  as(name: string): NoteSigner {
    const { keyId } = vkeyFor(name, this.publicKey)
    return { name, keyId, sign: (text) => new Uint8Array(sign(null, text, this.#privateKey)) }
  }

  verifierFor(name: string): NoteVerifier {
    return noteVerifier(vkeyFor(name, this.publicKey))
  }

  async publicationOf(log: UnpublishedLog, keep: boolean = false): Promise<Publication> {
    const { origin, size, root } = log
    const note = await signNote(formatCheckpoint({ origin, size, root }), this.as(origin))
    return { log: log.log, size, root, note, keep }
  }

  /** Signs and publishes all that is unpublished, the meta log included. @returns what was published */
  async publishAll(store: Store, keep: boolean = false): Promise<UnpublishedLog[]> {
    const logs = await store.unpublished(0, 1000)
    await store.publish(await Promise.all(logs.map((log) => this.publicationOf(log, keep))))
    return logs
  }
}
