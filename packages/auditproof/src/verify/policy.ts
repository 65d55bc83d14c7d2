/**
 * Whose signature counts. A verifier pins one key: that of a store, which signs each of its logs under the log's own
 * name `<store name>/<rest>`, or that of a single log. Whatever has another name is not checked.
 */
import { AuditError } from '../errors.ts'
import {
  noteVerifier,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  parseVkey,
  signatureTypes,
  vkeyFor,
} from '../log/index.ts'
import type { Checkpoint, NoteVerifier } from '../log/index.ts'

export interface PinnedKey {
  readonly name: string
  /** 32 bytes of Ed25519. */
  readonly publicKey: Uint8Array
}

/**
 * A key to pin, from a vkey or from the content of a .vkey file.
 * @throws AuditError `key_malformed`
 */
export function parsePinnedKey(text: string): PinnedKey {
  const { name, type, publicKey } = parseVkey(text.trim())
  if (type !== signatureTypes.ed25519)
    throw new AuditError('key_malformed', `The key ${name} is that of a witness; pin the key of the store or the log.`)
  return { name, publicKey }
}

/** The pinned key under the name of a log; undefined where it says nothing about that log. */
export function verifierFor({ name, publicKey }: PinnedKey, origin: string): NoteVerifier | undefined {
  if (origin !== name && !origin.startsWith(`${name}/`)) return undefined
  try {
    return noteVerifier(vkeyFor(origin, publicKey))
  } catch (error) {
    if (error instanceof AuditError) return undefined // The origin is no key name, so nobody can have signed for it.
    throw error
  }
}

export type SignedNote =
  /** A checkpoint of the log, signed by the pinned key. */
  | { state: 'signed'; checkpoint: Checkpoint }
  /** A checkpoint of the log; no pinned key speaks for that log. */
  | { state: 'not-checked'; checkpoint: Checkpoint; reason: string }
  /** No checkpoint of this log at all, or not signed by the key that is pinned for it. */
  | { state: 'bad'; reason: string }

/** What a note is worth as a checkpoint of this log. Never throws for what stands in it. */
export async function openSignedNote(note: string, origin: string, key: PinnedKey | undefined): Promise<SignedNote> {
  const verifier = key && verifierFor(key, origin)
  try {
    const checkpoint =
      verifier === undefined
        ? parseCheckpoint(parseNote(note).text)
        : (await openCheckpoint(note, [verifier])).checkpoint
    if (checkpoint.origin !== origin)
      return { state: 'bad', reason: `it is one of ${JSON.stringify(checkpoint.origin)}` }
    if (verifier !== undefined) return { state: 'signed', checkpoint }
    const reason = key === undefined ? 'no key is pinned' : `the key pinned is that of ${key.name}`
    return { state: 'not-checked', checkpoint, reason }
  } catch (error) {
    if (error instanceof AuditError) return { state: 'bad', reason: error.message }
    throw error
  }
}
