/** What the command says with its exit code: one table, each line pinned by a test. */
import type { ErrorCode } from '../errors.ts'

export const exitCodes = {
  /** Done; for `verify`: verified with a key that was given. */
  ok: 0,
  /**
   * Tampered with, or contradicting what was signed; outranks everything else. For `doctor`: something is wrong.
   * For `import table --jsonl`: table and file differ.
   */
  tampered: 1,
  /** The command was called wrongly, or names something that is not there. */
  usage: 2,
  /** Consistent, as far as can be told: no key was given, or something needed is missing. */
  notCheckable: 3,
  /** Input that cannot be read. */
  unreadable: 4,
  /** The store or the signer cannot be reached. */
  unreachable: 5,
  /** Nothing matched, and `--expect` was given. */
  nothingMatched: 6,
  /** A bug in auditproof (EX_SOFTWARE). */
  bug: 70,
  /** Interrupted by Ctrl-C. */
  interrupted: 130,
  /** Ended in order by SIGTERM, where there was no other end. */
  terminated: 143,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const { tampered, usage, unreadable, unreachable } = exitCodes

/** The exit code of each error code. */
export const exitCodeOf: { readonly [code in ErrorCode]: ExitCode } = {
  usage,
  tenant_required: usage,
  id_conflict: unreadable,
  cursor_ahead: usage,
  not_found: usage,
  entry_malformed: unreadable,
  entry_version: unreadable,
  disclosure_malformed: unreadable,
  note_malformed: unreadable,
  key_malformed: unreadable,
  checkpoint_malformed: unreadable,
  proof_malformed: unreadable,
  tile_malformed: unreadable,
  input_malformed: unreadable,
  signature_invalid: tampered,
  proof_invalid: tampered,
  digest_mismatch: tampered,
  key_missing: unreachable,
  key_mismatch: unreachable,
  signer_refused: tampered,
  store_unavailable: unreachable,
  store_busy: unreachable,
  store_rejected: unreadable,
  store_corrupt: tampered,
  store_rolled_back: tampered,
  store_format: unreadable,
  disk_full: unreachable,
  outcome_unknown: unreachable,
  queue_full: unreachable,
  closed: unreachable,
  erase_refused: usage,
  transaction_failed: unreachable,
  not_published: unreachable,
}
