/**
 * The reference driver of the store contract, in memory: for tests, with switches for faults. Nothing in it outlives
 * the process. Files have the names of the other drivers', so that two can be compared by eye.
 */
import { AuditError } from '../../errors.ts'
import type { Sources } from '../append-plan.ts'
import { systemSources } from '../sources.ts'
import type {
  AppendOutcome, Erasure, FeedRow, Inspection, KeptCheckpoint, LogHead, Place, Publication, PublishedCheckpoint,
  Store, StoredEntry, StoredErasure, StoredTile, UnpublishedLog,
} from '../store.ts' // prettier-ignore
import type { IndexPlace, ListPage, ListQuery, Posting, StoredNode, Survey, SurveyQuery } from '../search.ts'
import { isRecorded, watchesNothing, type Watch } from '../store.ts'
import { parseBatch, parsePending, planBatch } from './append.ts'
import { MemoryData, type MemoryLog } from './data.ts'
import { planErasure } from './erase.ts'
import { afterCommit, beforeCommit, type MemoryFaults } from './faults.ts'
import { indexPlaces, storedNodes, storedPostings, storedTimes } from './index-rows.ts'
import { keepNewest, planMeta, planPublications, unpublishedLogs } from './publish.ts'
import { entriesOf, erasuresOf, headOfLog, placesOf, storedTilesOf, tileOf } from './read.ts'
import { listPage, planIndex, surveyOf } from './search.ts'

export { MemoryData } from './data.ts'
export type { MemoryFaults } from './faults.ts'

export interface MemoryStoreOptions {
  name: string
  sources?: Sources | undefined
  faults?: MemoryFaults | undefined
  /** What another store of this name holds, to open the same once more. */
  data?: MemoryData | undefined
}

export const memoryStore = (options: MemoryStoreOptions): Store => new MemoryStore(options)

class MemoryStore implements Store {
  readonly name: string
  readonly isShared = false
  readonly #data: MemoryData
  readonly #sources: Sources
  readonly #faults: MemoryFaults
  #closed = false
  #lastWrite: Promise<unknown> = Promise.resolve()

  constructor({ name, sources = systemSources, faults = {}, data = new MemoryData(name) }: MemoryStoreOptions) {
    this.name = data.name
    this.#data = data
    this.#sources = sources
    this.#faults = faults
  }

  append(batch: readonly string[]): Promise<AppendOutcome[]> {
    return this.#write((data) => {
      const { outcomes, apply } = planBatch(data, this.#sources, this.#faults, parseBatch(batch))
      return { value: outcomes, apply }
    })
  }

  drainPending(limit: number): Promise<AppendOutcome[]> {
    return this.#write((data) => {
      const rows = data.pending.slice(0, limit)
      const given = parsePending(rows, this.#sources)
      const { outcomes, apply } = planBatch(data, this.#sources, this.#faults, given)
      const applyAndRemove = (): void => {
        apply()
        data.pending.splice(0, rows.length)
        data.pending.push(...rows.filter((_, i) => !isRecorded(outcomes[i]!)))
      }
      return { value: outcomes, apply: applyAndRemove }
    })
  }

  eraseContent(erasure: Erasure): Promise<AppendOutcome> {
    return this.#write((data) => {
      const { outcome, apply } = planErasure(data, this.#sources, this.#faults, erasure)
      return { value: outcome, apply }
    })
  }

  publish(publications: readonly Publication[]): Promise<void> {
    return this.#write((data) => ({ value: undefined, apply: planPublications(data, publications, this.#sources) }))
  }

  keepCheckpoint(log: number): Promise<PublishedCheckpoint | undefined> {
    return this.#write((data) => {
      const newest = data.logs[log - 1]?.published
      const apply = (): void => void keepNewest(data.logs[log - 1], Date.parse(this.#sources.now()))
      return { value: newest && { ...newest }, apply }
    })
  }

  appendMeta(limit: number): Promise<number> {
    return this.#write((data) => {
      const { count, apply } = planMeta(data, limit, this.#sources)
      return { value: count, apply }
    })
  }

  unpublished(afterLog: number, limit: number): Promise<UnpublishedLog[]> {
    return this.#read((data) => unpublishedLogs(data, afterLog, limit))
  }

  heads(): Promise<LogHead[]> {
    return this.#read((data) => data.logs.map(headOfLog))
  }

  headOf(tenant: string): Promise<LogHead | undefined> {
    return this.#read((data) => {
      const log = data.logOf(tenant)
      return log && headOfLog(log)
    })
  }

  entries(log: number, from: number, to: number): Promise<StoredEntry[]> {
    return this.#readLog(log, (found) => entriesOf(found, from, to))
  }

  find(id: string, tenant?: string): Promise<Place[]> {
    return this.#read((data) => placesOf(data, id, tenant))
  }

  list(query: ListQuery): Promise<ListPage> {
    return this.#read((data) => listPage(data, query))
  }

  survey(query: SurveyQuery): Promise<Survey> {
    return this.#read((data) => surveyOf(data, query))
  }

  buildIndex(): Promise<number> {
    return this.#write((data) => {
      const { waiting, apply } = planIndex(data)
      return { value: waiting, apply }
    })
  }

  indexNodes(log: number, level: number, afterN: number, limit: number): Promise<StoredNode[]> {
    return this.#readLog(log, (found) => storedNodes(found, level, afterN, limit))
  }

  postings(log: number, level: number, n: number, afterKey: string, limit: number): Promise<Posting[]> {
    return this.#readLog(log, (found) => storedPostings(found, level, n, afterKey, limit))
  }

  leafTimes(log: number, leaf: number): Promise<Float64Array | undefined> {
    return this.#readLog(log, (found) => storedTimes(found, leaf))
  }

  indexPlaces(after: IndexPlace | undefined, limit: number): Promise<IndexPlace[]> {
    return this.#read((data) => indexPlaces(data, after, limit))
  }

  tile(log: number, level: number, n: number, width: number): Promise<Uint8Array> {
    return this.#readLog(log, (found) => tileOf(found, level, n, width))
  }

  storedTiles(log: number, after: { level: number; n: number } | undefined, limit: number): Promise<StoredTile[]> {
    return this.#readLog(log, (found) => storedTilesOf(found, after, limit))
  }

  checkpoints(log: number, afterSize: number, limit: number): Promise<KeptCheckpoint[]> {
    return this.#readLog(log, (found) =>
      (found?.kept ?? [])
        .map((checkpoint, i, kept) => ({ ...checkpoint, previous: kept[i - 1]?.size ?? 0 }))
        .filter(({ size }) => size > afterSize)
        .slice(0, limit),
    )
  }

  erasures(log: number, afterIndex: number, limit: number): Promise<StoredErasure[]> {
    return this.#readLog(log, (found) => erasuresOf(found, afterIndex, limit))
  }

  feed(after: number, limit: number): Promise<FeedRow[]> {
    return this.#read((data) => data.feed.slice(after, after + limit).map((row) => ({ ...row })))
  }

  feedEnd(): Promise<number> {
    return this.#read((data) => data.feed.length)
  }

  version(): Promise<number> {
    return this.#read((data) => data.version)
  }

  inspect(): Promise<Inspection[]> {
    const detail = 'A memory store is gone with its process.'
    return this.#read(() => [{ name: 'durable', ok: false, detail, fix: 'use SQLite or PostgreSQL' }])
  }

  watch(): Watch {
    return watchesNothing
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#lastWrite
  }

  #write<T>(plan: (data: MemoryData) => { value: T; apply: () => void }): Promise<T> {
    if (this.#closed) return Promise.reject(closed())
    const result = this.#data.exclusively(async () => {
      const { value, apply } = plan(this.#data)
      await beforeCommit(this.#faults)
      apply()
      this.#data.version += 1
      // Stored from here on, whatever the caller hears.
      afterCommit(this.#faults)
      return value
    })
    this.#lastWrite = result.catch(() => {}) // its caller has the error; close() only waits
    return result
  }

  /** Async, so that what a read throws becomes a rejection. */
  async #read<T>(read: (data: MemoryData) => T): Promise<T> {
    if (this.#closed) throw closed()
    return read(this.#data)
  }

  #readLog<T>(log: number, read: (log: MemoryLog | undefined) => T): Promise<T> {
    return this.#read((data) => read(data.logs[log - 1]))
  }
}

const closed = (): AuditError => new AuditError('closed', 'The store is closed.')
