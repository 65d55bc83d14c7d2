/** Signing notes, with keys that lie elsewhere: a file, a process, a KMS. Apart from note.ts, which cannot sign. */
import { AuditError } from '../errors.ts'
import { type NoteSignature, formatNote } from './note.ts'
import { encodeUtf8 } from './utf8.ts'

/** Signs for one name with one key. Whatever it refuses, it throws. */
export interface NoteSigner {
  readonly name: string
  readonly keyId: number
  /** The signature over the text of a note, given as UTF-8, in the form of the key's type. */
  sign(text: Uint8Array): Promise<Uint8Array> | Uint8Array
}

/** A note with one signature line by each signer, in this order. */
export async function signNote(text: string, ...signers: readonly NoteSigner[]): Promise<string> {
  const bytes = encodeUtf8(text)
  if (bytes === undefined) throw new AuditError('note_malformed', 'the text of a note must be UTF-8')
  const signatures: NoteSignature[] = []
  for (const signer of signers)
    signatures.push({ name: signer.name, keyId: signer.keyId, signature: await signer.sign(bytes) })
  return formatNote({ text, signatures })
}
