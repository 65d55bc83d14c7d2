/**
 * Proof files of C2SP tlog-proof, extension `.tlog-proof`: that one entry is in a log, for checking offline.
 *
 *     c2sp.org/tlog-proof@v1
 *     extra <base64>                                   optional
 *     index <decimal>
 *     <base64 of a hash>                               the inclusion proof, one line each, from the leaf to the root
 *     <blank line: the first one of the file>
 *     <signed checkpoint>
 *
 * Nothing signs `extra`. What it says must be bound to the leaf hash by whoever reads it.
 */
import { AuditError, assert } from '../errors.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { type OpenedCheckpoint, openCheckpoint } from './checkpoint.ts'
import { isCount, parseDecimal } from './decimal.ts'
import { type Hash, isHash } from './hash.ts'
import type { NoteVerifier } from './note.ts'
import { checkInclusion } from './proof.ts'
import { decodeUtf8 } from './utf8.ts'

export interface ProofFile {
  readonly extra?: Uint8Array
  readonly index: number
  readonly proof: readonly Hash[]
  /** The signed note as it stands in the file; `openCheckpoint` reads it. */
  readonly checkpoint: string
}

export const proofFileBytesMax = 8_388_608
/** A tree of 2^53 leaves needs no more. */
export const proofHashesMax = 53

const header = 'c2sp.org/tlog-proof@v1'

export function formatProofFile({ extra, index, proof, checkpoint }: ProofFile): string {
  assert(isCount(index) && proof.every(isHash) && proof.length <= proofHashesMax, `a proof file for index ${index}`)
  const lines = [header]
  if (extra !== undefined) lines.push(`extra ${encodeBase64(extra)}`)
  lines.push(`index ${index}`, ...proof.map(encodeBase64), '', checkpoint)
  return lines.join('\n')
}

export function parseProofFile(input: string | Uint8Array): ProofFile {
  if (input.length > proofFileBytesMax) throw malformed(`more than ${proofFileBytesMax} bytes`)
  const file = typeof input === 'string' ? input : decodeUtf8(input)
  if (file === undefined || !file.isWellFormed()) throw malformed('not UTF-8')
  const blank = file.indexOf('\n\n')
  if (blank < 0) throw malformed('no blank line before the checkpoint')
  const lines = file.slice(0, blank).split('\n')
  if (lines.shift() !== header) throw malformed(`the first line is not ${header}`)
  const extra = lines[0]?.startsWith('extra ') ? parseExtra(lines.shift()!) : undefined
  const index = parseIndex(lines.shift() ?? '')
  if (lines.length > proofHashesMax) throw malformed(`more than ${proofHashesMax} hashes`)
  const proof = lines.map(parseHash)
  const checkpoint = file.slice(blank + 2)
  if (!checkpoint.endsWith('\n')) throw malformed('no newline at the end')
  return extra === undefined ? { index, proof, checkpoint } : { extra, index, proof, checkpoint }
}

/**
 * Returns the checkpoint under which the entry with this leaf hash is proved; throws if the checkpoint is not signed by
 * a known key of its log, or if the proof does not lead to its root.
 */
export async function checkProofFile(
  { index, proof, checkpoint }: ProofFile,
  leafHash: Hash,
  verifiers: readonly NoteVerifier[],
): Promise<OpenedCheckpoint> {
  const opened = await openCheckpoint(checkpoint, verifiers)
  const { size, root } = opened.checkpoint
  checkInclusion({ leafHash, index, size, root, proof })
  return opened
}

function parseExtra(line: string): Uint8Array {
  const extra = decodeBase64(line.slice('extra '.length))
  if (extra === undefined || extra.length === 0) throw malformed('extra is not base64 of something')
  return extra
}

function parseIndex(line: string): number {
  const index = line.startsWith('index ') ? parseDecimal(line.slice('index '.length)) : undefined
  if (index === undefined) throw malformed(`index line ${JSON.stringify(line.slice(0, 100))}`)
  return index
}

function parseHash(line: string): Hash {
  const hash = decodeBase64(line)
  if (hash === undefined || !isHash(hash)) throw malformed(`hash line ${JSON.stringify(line.slice(0, 100))}`)
  return hash
}

const malformed = (what: string) => new AuditError('proof_malformed', `not a proof file: ${what}`)
