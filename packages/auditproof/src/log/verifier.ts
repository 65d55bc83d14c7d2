/** From a vkey to what verifies with it: the one place where the type of a signature decides the algorithm. */
import { verifyCosignature } from './cosignature.ts'
import { verifyEd25519 } from './ed25519.ts'
import { type VerifierKey, signatureTypes } from './key.ts'
import type { NoteVerifier } from './note.ts'

export function noteVerifier({ name, keyId, type, publicKey }: VerifierKey): NoteVerifier {
  const verify = type === signatureTypes.cosignature ? verifyCosignature : verifyEd25519
  return { name, keyId, verify: (text, signature) => verify(publicKey, text, signature) }
}
