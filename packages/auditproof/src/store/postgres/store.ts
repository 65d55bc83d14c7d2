/** The store contract on PostgreSQL, on connections of the thread that it is in. */
import { AuditError } from '../../errors.ts'
import type { Sources } from '../append-plan.ts'
import type { IndexPlace, ListQuery, SurveyQuery } from '../search.ts'
import {
  watchesNothing, type AppendOutcome, type Erasure, type Inspection, type Publication, type Store, type Watch,
} from '../store.ts' // prettier-ignore
import { Announcer } from './announcer.ts'
import type { Connections } from './connections.ts'
import { indexPlaces, storedNodes, storedPostings, storedTimes } from './index-rows.ts'
import { inspectDatabase } from './inspect.ts'
import { Listener } from './listener.ts'
import { listeningClient, type OpenedStore, type PostgresOptions } from './open.ts'
import { PostgresReader } from './reader.ts'
import { PostgresWriter } from './writer.ts'

export class PostgresStore implements Store {
  readonly name: string
  readonly isShared = true
  readonly #writer: PostgresWriter
  readonly #reader: PostgresReader
  readonly #announcer: Announcer
  readonly #listener: Listener | undefined
  readonly #inspect: () => Promise<Inspection[]>
  readonly #end: () => Promise<void>
  readonly #underWay = new Set<Promise<unknown>>()
  #closed: Promise<void> | undefined

  constructor(
    opened: OpenedStore,
    connections: Connections,
    sources: Sources,
    options: PostgresOptions,
    end: () => Promise<void>,
  ) {
    this.name = opened.name
    this.#writer = new PostgresWriter(connections, opened, sources)
    this.#reader = new PostgresReader(connections)
    this.#announcer = new Announcer(connections)
    const newClient = listeningClient(options)
    this.#listener = newClient && new Listener(newClient)
    this.#inspect = () => inspectDatabase(connections, { allowOwner: options.allowOwner, now: Date.now })
    this.#end = end
  }

  append(batch: readonly string[]): Promise<AppendOutcome[]> {
    return this.#write(() => this.#writer.append(`[${batch.join(',')}]`))
  }

  drainPending(limit: number): Promise<AppendOutcome[]> {
    return this.#write(() => this.#writer.drainPending(limit))
  }

  eraseContent(erasure: Erasure): Promise<AppendOutcome> {
    return this.#write(() => this.#writer.eraseContent(erasure))
  }

  publish(publications: readonly Publication[]): Promise<void> {
    return this.#write(() => this.#writer.publish(publications))
  }

  keepCheckpoint(log: number): ReturnType<Store['keepCheckpoint']> {
    return this.#do(() => this.#writer.keepCheckpoint(log))
  }

  appendMeta(limit: number): Promise<number> {
    return this.#write(() => this.#writer.appendMeta(limit))
  }

  unpublished(afterLog: number, limit: number): ReturnType<Store['unpublished']> {
    return this.#do(() => this.#reader.unpublished(afterLog, limit))
  }

  heads(): ReturnType<Store['heads']> {
    return this.#do(() => this.#reader.heads())
  }

  headOf(tenant: string): ReturnType<Store['headOf']> {
    return this.#do(() => this.#reader.headOf(tenant))
  }

  entries(log: number, from: number, to: number): ReturnType<Store['entries']> {
    return this.#do(() => this.#reader.entries(log, from, to))
  }

  find(id: string, tenant?: string): ReturnType<Store['find']> {
    return this.#do(() => this.#reader.find(id, tenant))
  }

  list(query: ListQuery): ReturnType<Store['list']> {
    return this.#do(() => this.#reader.list(query))
  }

  survey(query: SurveyQuery): ReturnType<Store['survey']> {
    return this.#do(() => this.#reader.survey(query))
  }

  buildIndex(): Promise<number> {
    return this.#do(() => this.#writer.buildIndex())
  }

  indexNodes(log: number, level: number, afterN: number, limit: number): ReturnType<Store['indexNodes']> {
    return this.#do(() => this.#reader.read(`#${log}`, (tx) => storedNodes(tx, log, level, afterN, limit)))
  }

  postings(log: number, level: number, n: number, afterKey: string, limit: number): ReturnType<Store['postings']> {
    return this.#do(() => this.#reader.read(`#${log}`, (tx) => storedPostings(tx, log, level, n, afterKey, limit)))
  }

  leafTimes(log: number, leaf: number): ReturnType<Store['leafTimes']> {
    return this.#do(() => this.#reader.read(`#${log}`, (tx) => storedTimes(tx, log, leaf)))
  }

  indexPlaces(after: IndexPlace | undefined, limit: number): ReturnType<Store['indexPlaces']> {
    return this.#do(() => this.#reader.read('*', (tx) => indexPlaces(tx, after, limit)))
  }

  tile(log: number, level: number, n: number, width: number): Promise<Uint8Array> {
    return this.#do(() => this.#reader.tile(log, level, n, width))
  }

  storedTiles(
    log: number,
    after: { level: number; n: number } | undefined,
    limit: number,
  ): ReturnType<Store['storedTiles']> {
    return this.#do(() => this.#reader.storedTiles(log, after, limit))
  }

  checkpoints(log: number, afterSize: number, limit: number): ReturnType<Store['checkpoints']> {
    return this.#do(() => this.#reader.checkpoints(log, afterSize, limit))
  }

  erasures(log: number, afterIndex: number, limit: number): ReturnType<Store['erasures']> {
    return this.#do(() => this.#reader.erasures(log, afterIndex, limit))
  }

  feed(after: number, limit: number): ReturnType<Store['feed']> {
    return this.#do(() => this.#reader.feed(after, limit))
  }

  feedEnd(): Promise<number> {
    return this.#do(() => this.#reader.feedEnd())
  }

  version(): Promise<number> {
    return this.#do(() => this.#reader.version())
  }

  inspect(): ReturnType<Store['inspect']> {
    return this.#do(this.#inspect)
  }

  watch(changed: () => void): Watch {
    return this.#closed === undefined ? (this.#listener?.watch(changed) ?? watchesNothing) : watchesNothing
  }

  close(): Promise<void> {
    this.#closed ??= this.#closeAll()
    return this.#closed
  }

  async #closeAll(): Promise<void> {
    await Promise.allSettled(this.#underWay)
    await this.#announcer.close()
    await this.#listener?.close()
    await this.#end()
  }

  /** What is committed is told to other processes. */
  async #write<T>(work: () => Promise<T>): Promise<T> {
    const value = await this.#do(work)
    const isNothing = value === 0 || (Array.isArray(value) && value.length === 0)
    if (!isNothing) this.#announcer.announce()
    return value
  }

  async #do<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed !== undefined)
      throw new AuditError('closed', 'The store is closed.', { hint: 'record before close()' })
    const doing = work()
    this.#underWay.add(doing)
    try {
      return await doing
    } finally {
      this.#underWay.delete(doing)
    }
  }
}
