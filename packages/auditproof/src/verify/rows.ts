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
