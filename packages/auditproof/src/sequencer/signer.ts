/**
 * The signer signs checkpoints, and is the first witness: it keeps, apart from the store, how large each log was and
 * what its root was when it last signed, and refuses whatever does not extend that. So it notices a store that was
 * rolled back or rewritten, whoever did it.
 */
import type { Hash } from '../log/index.ts'

export interface Signer {
  /** The name all its logs begin with. */
  readonly name: string
  readonly publicKey: Uint8Array
  readonly vkey: string

  /**
   * Signs what extends the state, which is durable before a signature leaves.
   * @returns one result a request, in order
   */
  sign(requests: readonly SignRequest[]): Promise<SignResult[]>

  /** What was signed last, for each origin. */
  states(): Promise<SignedState[]>

  close(): Promise<void>
}

export interface SignRequest {
  origin: string
  size: number
  root: Hash
  /** Consistency proof from the tree of `from` entries; empty when that is 0 or `size`. */
  from: number
  proof: readonly Hash[]
  /** The newest note that the store holds: what a signer without a state for this log goes by, if it signed that. */
  published: string | undefined
}

export type SignResult =
  | { state: 'signed'; note: string }
  /** The proof does not begin where the state stands: ask again with one that does. */
  | { state: 'needs-proof'; from: number }
  /** More was signed already: another process was quicker, or the store was rolled back. */
  | { state: 'stale'; signedSize: number }
  | { state: 'refused'; reason: string }

export interface SignedState {
  origin: string
  size: number
  root: Uint8Array
}
