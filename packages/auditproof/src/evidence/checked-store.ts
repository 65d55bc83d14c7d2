/** What the check of a store was asked for, and what it found out before it is put into words. */
import type { AcceptedRollback } from '../sequencer/rollback.ts'
import type { SignedState } from '../sequencer/signer.ts'
import type { LogHead } from '../store/store.ts'
import type { LogCheck, PinnedKey } from '../verify/index.ts'
import type { LogCheckpoints } from './checkpoints.ts'
import type { Earlier } from './earlier.ts'

export interface VerifyStoreOptions {
  /** The pinned key: a vkey, or the content of a .vkey file. */
  key?: string
  /** The store's own key, which serves when none is pinned. The best verdict is `not-checkable` then. */
  ownKey?: string
  /** Older checkpoints, signed notes, that the logs must extend. */
  since?: readonly string[]
  /** What the signer has signed last. */
  signerStates?: readonly SignedState[]
  /** Older copies that a person accepted, as the signer keeps them: told also where `_system` has lost the record. */
  acceptedRollbacks?: readonly AcceptedRollback[]
  /** Only this tenant's log, and what `_system` and `_meta` say of it. */
  tenant?: string
  /** Entries checked, of all. */
  onProgress?: (done: number, total: number) => void
}

/** One log while it is checked, and afterwards. */
export interface CheckedLog {
  readonly head: LogHead
  readonly check: LogCheck
  readonly checkpoints: LogCheckpoints
}

/** What was found out about a store. */
export interface CheckedStore {
  readonly options: VerifyStoreOptions
  readonly key: PinnedKey | undefined
  readonly heads: readonly LogHead[]
  /** By number; those that were read. */
  readonly logs: ReadonlyMap<number, CheckedLog>
  readonly meta: MetaLog
  readonly earlier: Earlier
  readonly feedRows: number
  /** Found wrong, and of no log that was read. */
  readonly problems: readonly StoreProblem[]
}

export interface StoreProblem {
  check: 'heads' | 'tenants' | 'feed' | 'earlier checkpoints' | 'signer' | 'meta log' | 'search index'
  reason: string
  /** The log it is about, if it is about one. */
  tenant?: string
  origin?: string
}

/** What the meta log says of the others. */
export interface MetaLog {
  readonly count: number
  /** Whether a checkpoint of this log lies in the meta log before that index. */
  holds(origin: string, before: number): boolean
}
