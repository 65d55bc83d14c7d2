/**
 * Everything that can go wrong, as one closed list. A code is stable: programs may switch on it.
 * The message carries the values and what to do next.
 */
export const errorCodes = [
  // the caller
  'usage', // an option or argument has no meaning here
  'tenant_required', // tenantRequired is set and the event names no tenant
  'id_conflict', // the id is in the log already, with other content
  'cursor_ahead', // the position asked for lies beyond the log
  'not_found', // no such event, log or checkpoint
  // bytes from outside
  'entry_malformed',
  'entry_version', // written by a newer version: not checkable here
  'disclosure_malformed',
  'note_malformed',
  'key_malformed',
  'checkpoint_malformed',
  'proof_malformed',
  'tile_malformed',
  'input_malformed',
  // proofs and signatures
  'signature_invalid',
  'proof_invalid',
  'digest_mismatch',
  // keys and signer
  'key_missing',
  'key_mismatch',
  'signer_refused', // what was to be signed does not extend what was signed before
  // the store
  'store_unavailable', // it cannot be opened or reached
  'store_busy', // another process holds the write lock for too long
  'store_rejected', // the store refused one event; the others of its batch are stored
  'store_corrupt', // what is stored contradicts itself: nothing is appended to it
  'store_rolled_back', // older than what this signer has signed
  'store_format', // made by a newer version, or not an audit store
  'disk_full',
  'outcome_unknown', // may or may not be stored; record again with the same id
  'queue_full',
  'closed',
  'erase_refused',
  // transactions of the application
  'transaction_failed', // an event could not be written in it, or it cannot commit: nothing of it stands
  'not_published', // under no checkpoint within the time that was given
] as const

export type ErrorCode = (typeof errorCodes)[number]

/** The one error class of auditproof. */
export class AuditError extends Error {
  override readonly name = 'AuditError'
  readonly code: ErrorCode
  /** What to do next, one sentence, when there is something to do. */
  readonly hint: string | undefined
  /** Where in the text that was given, when a piece of it is what is wrong. */
  readonly place: TextPlace | undefined

  constructor(code: ErrorCode, message: string, options?: { hint?: string; cause?: unknown; place?: TextPlace }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = options?.hint
    this.place = options?.place
  }
}

/** `offset` in UTF-16 units from the beginning. */
export interface TextPlace {
  readonly offset: number
  readonly piece: string
}

/** Our own bug when it fires, never the caller's. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`auditproof bug: ${message}. Please report it with the stack.`)
}
