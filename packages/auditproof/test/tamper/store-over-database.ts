/** The reading half of a store over an open connection, uncommitted changes included: what an attacker's SQL leaves behind. */
import type { DatabaseSync } from 'node:sqlite'
import { SqliteReader } from '../../src/store/sqlite/reader.ts'
import { watchesNothing, type Store } from '../../src/store/store.ts'

export function storeOverDatabase(db: DatabaseSync): Store {
  const reader = new SqliteReader(':none:', db)
  const refuse = (): never => {
    throw new Error('This store is only read.')
  }
  return {
    name: reader.open(),
    isShared: false,
    heads: async () => reader.heads(),
    headOf: async (tenant) => reader.headOf(tenant),
    entries: async (log, from, to) => reader.entries(log, from, to),
    find: async (id, tenant) => reader.find(id, tenant),
    list: async (query) => reader.list(query),
    survey: async (query) => reader.survey(query),
    indexNodes: async (log, level, after, limit) => reader.indexNodes(log, level, after, limit),
    postings: async (log, level, n, after, limit) => reader.postings(log, level, n, after, limit),
    leafTimes: async (log, leaf) => reader.leafTimes(log, leaf),
    indexPlaces: async (after, limit) => reader.indexPlaces(after, limit),
    buildIndex: refuse,
    unpublished: async (after, limit) => reader.unpublished(after, limit),
    tile: async (log, level, n, width) => reader.tile(log, level, n, width),
    storedTiles: async (log, after, limit) => reader.storedTiles(log, after, limit),
    checkpoints: async (log, after, limit) => reader.checkpoints(log, after, limit),
    erasures: async (log, after, limit) => reader.erasures(log, after, limit),
    feed: async (after, limit) => reader.feed(after, limit),
    feedEnd: async () => reader.feedEnd(),
    version: async () => reader.version(),
    watch: () => watchesNothing,
    inspect: async () => [],
    close: async () => {},
    append: refuse,
    drainPending: refuse,
    eraseContent: refuse,
    publish: refuse,
    keepCheckpoint: refuse,
    appendMeta: refuse,
  }
}
