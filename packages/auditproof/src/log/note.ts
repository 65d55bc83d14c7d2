/**
 * Signed notes of C2SP signed-note.
 *
 *     <text, one or more lines>
 *     <blank line: the last one of the note>
 *     — <key name> base64(<key id, 4 bytes> || <signature>)
 *
 * A signature by an unknown key is ignored: this is what makes rotation and cosigning possible. A bad signature by a
 * known key condemns the whole note. Nothing here can sign; that is in note-sign.ts.
 */
import { AuditError } from '../errors.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { formatKeyId, isKeyName } from './key.ts'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'

export interface Note {
  /** With its final newline: what is signed. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

export interface NoteSignature {
  readonly name: string
  /** uint32; with the name, it says which key and which algorithm. */
  readonly keyId: number
  /** In the form of that algorithm. */
  readonly signature: Uint8Array
}

/** A key that is trusted to have signed what it signed. */
export interface NoteVerifier {
  readonly name: string
  readonly keyId: number
  /** Whether the signature is good for the text of a note, given as UTF-8. Says no to bad input, never throws for it. */
  verify(text: Uint8Array, signature: Uint8Array): Promise<boolean>
}

export const noteBytesMax = 1_048_576
export const noteSignaturesMax = 100 // C2SP asks for at least 16.

const dash = '\u2014 '

export function formatNote({ text, signatures }: Note): string {
  const note = `${text}\n${signatures.map(formatSignature).join('')}`
  const again = parseNote(note)
  if (again.text !== text) throw malformed('the text must end in a newline')
  return note
}

export function parseNote(input: string | Uint8Array): Note {
  if (input.length > noteBytesMax) throw malformed(`more than ${noteBytesMax} bytes`)
  const note = typeof input === 'string' ? input : decodeUtf8(input)
  if (note === undefined || !note.isWellFormed()) throw malformed('not UTF-8')
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0009\u000B-\u001F]/.test(note)) throw malformed('a control character')
  const blank = note.lastIndexOf('\n\n')
  if (blank < 0) throw malformed('no blank line before the signatures')
  if (!note.endsWith('\n')) throw malformed('no newline at the end')
  const lines = note.slice(blank + 2, -1).split('\n')
  if (lines.length > noteSignaturesMax) throw malformed(`more than ${noteSignaturesMax} signatures`)
  return { text: note.slice(0, blank + 1), signatures: lines.map(parseSignatureLine) }
}

/** A signature line, with its newline. */
export function formatSignature({ name, keyId, signature }: NoteSignature): string {
  const bytes = new Uint8Array(4 + signature.length)
  new DataView(bytes.buffer).setUint32(0, keyId)
  bytes.set(signature, 4)
  return `${dash}${name} ${encodeBase64(bytes)}\n`
}

/** A signature line, with its newline. */
export function parseSignature(line: string): NoteSignature {
  if (!line.endsWith('\n')) throw malformed('no newline at the end of a signature')
  return parseSignatureLine(line.slice(0, -1))
}

function parseSignatureLine(line: string): NoteSignature {
  const [name, encoded, ...rest] = line.slice(dash.length).split(' ')
  if (!line.startsWith(dash) || name === undefined || encoded === undefined || rest.length > 0)
    throw malformed(`${JSON.stringify(line.slice(0, 100))} is not a signature`)
  if (!isKeyName(name)) throw malformed(`${JSON.stringify(name)} is not a key name`)
  const bytes = decodeBase64(encoded)
  if (bytes === undefined || bytes.length < 5)
    throw malformed(`the signature by ${name} is not base64 of a key id and more`)
  const keyId = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  return { name, keyId, signature: bytes.slice(4) }
}

/** The signatures that one of these keys claims to have made; nothing is verified. */
export function signaturesBy(verifiers: readonly Pick<NoteVerifier, 'name' | 'keyId'>[], note: Note): NoteSignature[] {
  const known = new Set(verifiers.map(nameAndId))
  return note.signatures.filter((signature) => known.has(nameAndId(signature)))
}

/**
 * The good signatures by known keys, at least one, each key once. Throws `signature_invalid` if there is none, or if a
 * known key's signature is bad; `usage` if two of the verifiers could not be told apart.
 */
export async function verifyNote(note: Note, verifiers: readonly NoteVerifier[]): Promise<NoteSignature[]> {
  const known = new Map(verifiers.map((verifier) => [nameAndId(verifier), verifier]))
  if (known.size !== verifiers.length) throw new AuditError('usage', 'two verifiers have one name and key id')
  const text = encodeUtf8(note.text)
  if (text === undefined) throw malformed('not UTF-8')
  const good = new Map<string, NoteSignature>()
  for (const signature of note.signatures) {
    const verifier = known.get(nameAndId(signature))
    if (verifier === undefined) continue
    if (!(await verifier.verify(text, signature.signature)))
      throw new AuditError('signature_invalid', `the signature by the known key ${nameAndId(signature)} is bad`)
    if (!good.has(nameAndId(signature))) good.set(nameAndId(signature), signature)
  }
  if (good.size === 0) throw new AuditError('signature_invalid', 'no signature by a known key')
  return [...good.values()]
}

// No name has a '+', so this is as unique as the pair; it is also how a vkey begins.
const nameAndId = ({ name, keyId }: { name: string; keyId: number }): string => `${name}+${formatKeyId(keyId)}`

const malformed = (what: string) => new AuditError('note_malformed', `not a signed note: ${what}`)
