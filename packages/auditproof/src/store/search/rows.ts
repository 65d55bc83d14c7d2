/** What a search reads of a store, at one time: each driver has its own statements for it. */
import type { IndexNode, KeyMatch, ListPosition, ListRow, Selection } from '../search.ts'
import type { Answer } from '../asking.ts'

export interface SearchRows {
  head: (log: number) => Answer<SearchedHead | undefined>

  /** Nodes that lie under no other, of one tenant, in any order. */
  topNodesOf: (tenant: string) => Answer<TopNode[]>

  /**
   * The same over all tenants, in the order of the list by the end of their range that comes first in it, after the one
   * named, without those that can hold nothing of the selection or come before `after`; at most `limit`.
   */
  topNodes: (
    selection: Selection,
    descending: boolean,
    after: ListPosition | undefined,
    afterNode: TopNode | undefined,
    limit: number,
  ) => Answer<TopNode[]>

  /** Which of the nodes below one have a key that matches, a number of 32 bits each; at most `limit` keys. */
  children: (log: number, level: number, n: number, match: KeyMatch, limit: number) => Answer<number[]>

  /** Nodes of one level, `from` (inclusive) to `to` (exclusive). */
  nodes: (log: number, level: number, from: number, to: number) => Answer<IndexNode[]>

  /** Keys of a leaf that may match any of these, each once or more, with their entries: store/offsets.ts. */
  postings: (log: number, leaf: number, matches: readonly KeyMatch[]) => Answer<LeafKey[]>

  /** occurredAt of a full leaf, where it is kept side by side. */
  leafTimes: (log: number, leaf: number) => Answer<Float64Array | undefined>

  /** occurredAt of entries `from` (inclusive) to `to` (exclusive) that have content, as text. */
  times: (log: number, from: number, to: number) => Answer<{ index: number; occurredAt: string | null }[]>

  /** What a list shows of entries, in any order; without those that have no content. */
  summaries: (
    places: readonly { log: number; index: number }[],
  ) => Answer<Pick<ListRow, 'log' | 'index' | 'id' | 'summary'>[]>
}

export interface SearchedHead {
  tenant: string
  size: number
  publishedSize: number
  indexedSize: number
}

export interface TopNode extends IndexNode {
  log: number
  level: number
}

export interface LeafKey {
  key: string
  offsets: string
}
