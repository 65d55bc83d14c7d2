/** What a store gives of a log to be checked: structural, so that whatever stores logs can be checked. */
import type { Group, Summary } from '../event/index.ts'
import type { Hash } from '../log/index.ts'

export interface LogClaim {
  readonly tenant: string
  readonly origin: string
  readonly size: number
  readonly root: Hash
  /** Of the newest entry. */
  readonly recordedAt: string
  /** Absent where the log has no search index. */
  readonly index?: IndexClaim
}

/** How far the search index of a log goes, and the width of its tree: indexes of a leaf, nodes of a node above. */
export interface IndexClaim {
  readonly size: number
  /** Entries whose words and changed fields are in it, from the first on; not more than `size`. */
  readonly indexedSize: number
  readonly leafWidth: number
  readonly nodeWidth: number
}

/** One key in one node of a search index, with the places in that node that have it. */
export interface PostingRow {
  readonly key: string
  readonly members: readonly number[]
}

/** One node of a search index. */
export interface NodeRow {
  readonly n: number
  /** Of occurredAt of its entries, microseconds since 1970. */
  readonly earliest: number
  readonly latest: number
  /** No node lies above it. */
  readonly top: boolean
}

export interface EntryRow {
  readonly index: number
  readonly id: string
  readonly entry: Uint8Array
  readonly leafHash: Uint8Array
  readonly content: ContentRow | undefined
}

export interface ContentRow {
  readonly summary: { readonly [K in keyof Summary]: Summary[K] | null }
  readonly disclosures: readonly string[]
}

export interface TileRow {
  readonly level: number
  readonly n: number
  readonly hashes: Uint8Array
  readonly root: Uint8Array
}

export interface ErasureRow {
  readonly index: number
  readonly group: Group
  readonly by: number
}

export interface FeedEntry {
  readonly position: number
  readonly log: number
  readonly from: number
  readonly to: number
}
