/** The decision of the signer: does this extend what was signed before? Pure; where the state lies is not its business. */
import { AuditError } from '../errors.ts'
import {
  checkConsistency,
  formatCheckpoint,
  formatNote,
  keyIdOf,
  parseCheckpoint,
  parseNote,
  sameHash,
  signatureTypes,
} from '../log/index.ts'
import type { SigningKey } from './key-file.ts'
import type { SignedState, SignRequest, SignResult } from './signer.ts'

export type Decision = { sign: true } | { sign: false; result: SignResult }

/** @param state what was signed for this origin last; undefined for the first time */
export function decide(request: SignRequest, state: Omit<SignedState, 'origin'> | undefined): Decision {
  const { origin, size, root, from, proof } = request
  if (state === undefined || state.size === 0)
    return from === 0
      ? { sign: true }
      : refuse(`nothing is known of ${origin}, yet a checkpoint over ${from} entries of it is published`)
  if (state.size > size) return { sign: false, result: { state: 'stale', signedSize: state.size } }
  if (state.size === size)
    return sameHash(state.root, root)
      ? { sign: true }
      : refuse(`${origin} has another root at size ${size} than was signed`)
  if (from !== state.size) return { sign: false, result: { state: 'needs-proof', from: state.size } }
  try {
    checkConsistency({ from, fromRoot: state.root, to: size, toRoot: root, proof })
    return { sign: true }
  } catch (error) {
    if (!(error instanceof AuditError)) throw error
    return refuse(`${origin} at size ${size} does not extend what was signed at size ${state.size}: ${error.message}`)
  }
}

const refuse = (reason: string): Decision => ({ sign: false, result: { state: 'refused', reason } })

/**
 * The state that a note of our own stands for: how a signer whose state is new takes up a store that it has signed.
 * Undefined where the note is missing or not ours. Ed25519 is deterministic, so to sign again is to verify.
 */
export function stateFromNote(
  note: string | undefined,
  origin: string,
  key: SigningKey,
): Omit<SignedState, 'origin'> | undefined {
  if (note === undefined) return undefined
  const { text } = parseNote(note)
  const { origin: found, size, root } = parseCheckpoint(text)
  return found === origin && signText(text, origin, key) === note ? { size, root } : undefined
}

export const signCheckpoint = (
  { origin, size, root }: Pick<SignRequest, 'origin' | 'size' | 'root'>,
  key: SigningKey,
): string => signText(formatCheckpoint({ origin, size, root }), origin, key)

/** One key serves all logs of a store, each under the log's own name. */
function signText(text: string, origin: string, key: SigningKey): string {
  const keyId = keyIdOf(origin, signatureTypes.ed25519, key.publicKey)
  return formatNote({
    text,
    signatures: [{ name: origin, keyId, signature: key.sign(new TextEncoder().encode(text)) }],
  })
}
