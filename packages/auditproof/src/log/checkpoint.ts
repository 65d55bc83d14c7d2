/**
 * Checkpoints of C2SP tlog-checkpoint: the text of a note that commits to a whole log.
 *
 *     <origin>
 *     <tree size, decimal>
 *     <base64 of the root hash>
 *     <extension lines, none in ours>
 */
import { AuditError } from '../errors.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { parseDecimal } from './decimal.ts'
import { type Hash, isHash } from './hash.ts'
import { type Note, type NoteSignature, type NoteVerifier, parseNote, verifyNote } from './note.ts'

export interface Checkpoint {
  /** The unique name of the log. */
  readonly origin: string
  readonly size: number
  readonly root: Hash
  /** Opaque lines after the first three. Kept, as they are signed; they mean nothing here. */
  readonly extensions?: readonly string[]
}

/** The text of the note, without signatures. */
export function formatCheckpoint({ origin, size, root, extensions = [] }: Checkpoint): string {
  const text = `${[origin, size, encodeBase64(root), ...extensions].join('\n')}\n`
  parseCheckpoint(text) // What we could not read we do not write.
  return text
}

export function parseCheckpoint(text: string): Checkpoint {
  if (!text.endsWith('\n')) throw malformed('no newline at the end')
  const [origin = '', sizeLine = '', rootLine = '', ...extensions] = text.slice(0, -1).split('\n')
  if (origin === '') throw malformed('no origin')
  const size = parseDecimal(sizeLine)
  if (size === undefined) throw malformed(`tree size ${JSON.stringify(sizeLine.slice(0, 100))}`)
  const root = decodeBase64(rootLine)
  if (root === undefined || !isHash(root)) throw malformed(`root hash ${JSON.stringify(rootLine.slice(0, 100))}`)
  if (extensions.includes('')) throw malformed('an empty extension line')
  return extensions.length === 0 ? { origin, size, root } : { origin, size, root, extensions }
}

/** A checkpoint that a known key of its log has signed, and everything that vouches for it. */
export interface OpenedCheckpoint {
  readonly checkpoint: Checkpoint
  readonly note: Note
  /** The good signatures by known keys; that of the log is among them. */
  readonly signatures: readonly NoteSignature[]
}

/**
 * Parses and verifies a signed checkpoint. Throws `note_malformed`, `checkpoint_malformed`, or `signature_invalid` if
 * `verifyNote` does or if no good signature is by a key with the name of the log.
 */
export async function openCheckpoint(
  input: string | Uint8Array,
  verifiers: readonly NoteVerifier[],
): Promise<OpenedCheckpoint> {
  const note = parseNote(input)
  const signatures = await verifyNote(note, verifiers)
  const checkpoint = parseCheckpoint(note.text)
  if (!signatures.some(({ name }) => name === checkpoint.origin))
    throw new AuditError('signature_invalid', `no known key of ${JSON.stringify(checkpoint.origin)} has signed`)
  return { checkpoint, note, signatures }
}

const malformed = (what: string) => new AuditError('checkpoint_malformed', `not a checkpoint: ${what}`)
