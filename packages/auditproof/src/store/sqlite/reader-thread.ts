/** Entry point of the thread that owns the reading connection. */
import { workerData } from 'node:worker_threads'
import { serveThread } from '../../thread/serve.ts'
import type { IndexPlace, ListQuery, SurveyQuery } from '../search.ts'
import { SqliteReader } from './reader.ts'

const reader = new SqliteReader((workerData as { path: string }).path)
serveThread({
  open: () => reader.open(),
  heads: () => reader.heads(),
  headOf: (tenant: string) => reader.headOf(tenant),
  entries: (log: number, from: number, to: number) => reader.entries(log, from, to),
  find: (id: string, tenant?: string) => reader.find(id, tenant),
  list: (query: ListQuery) => reader.list(query),
  survey: (query: SurveyQuery) => reader.survey(query),
  indexNodes: (log: number, level: number, afterN: number, limit: number) =>
    reader.indexNodes(log, level, afterN, limit),
  postings: (log: number, level: number, n: number, afterKey: string, limit: number) =>
    reader.postings(log, level, n, afterKey, limit),
  leafTimes: (log: number, leaf: number) => reader.leafTimes(log, leaf),
  indexPlaces: (after: IndexPlace | undefined, limit: number) => reader.indexPlaces(after, limit),
  unpublished: (afterLog: number, limit: number) => reader.unpublished(afterLog, limit),
  tile: (log: number, level: number, n: number, width: number) => reader.tile(log, level, n, width),
  storedTiles: (log: number, after: { level: number; n: number } | undefined, limit: number) =>
    reader.storedTiles(log, after, limit),
  checkpoints: (log: number, afterSize: number, limit: number) => reader.checkpoints(log, afterSize, limit),
  erasures: (log: number, afterIndex: number, limit: number) => reader.erasures(log, afterIndex, limit),
  feed: (after: number, limit: number) => reader.feed(after, limit),
  feedEnd: () => reader.feedEnd(),
  version: () => reader.version(),
  inspect: () => reader.inspect(),
  close: () => reader.close(),
})
