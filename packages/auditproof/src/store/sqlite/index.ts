/**
 * The SQLite driver: a file of its own, written by one thread and read by another, so that neither an fsync nor a
 * query holds up the application's event loop. Several processes may use one file.
 */
import { AuditError } from '../../errors.ts'
import type { Thread } from '../../thread/thread.ts'
import type { IndexPlace, ListQuery, SurveyQuery } from '../search.ts'
import { watchesNothing, type AppendOutcome, type Erasure, type Publication, type Store, type Watch } from '../store.ts'
import { readerThread, writerThread, type StoreFile } from './threads.ts'

export interface SqliteOptions extends StoreFile {
  /** Name of the store, when the file is new. */
  name: string
  /** True: an existing store is opened, none is made, and writing fails. */
  readOnly?: boolean
}

/** @throws AuditError `store_unavailable`, `store_format`, `disk_full` */
export async function sqliteStore({ name, readOnly = false, ...file }: SqliteOptions): Promise<Store> {
  const writer = readOnly ? undefined : writerThread(file, name)
  const reader = readerThread(file)
  try {
    // The writer first: it makes the file that the reader opens.
    const written = await writer?.open()
    const read = await reader.open()
    return new SqliteStore(written ?? read, writer, reader)
  } catch (error) {
    await Promise.all([writer?.terminate(), reader.terminate()])
    throw error
  }
}

class SqliteStore implements Store {
  readonly name: string
  readonly isShared = false
  readonly #writer: Thread<string> | undefined
  readonly #reader: Thread<string>
  #closed: Promise<void> | undefined

  constructor(name: string, writer: Thread<string> | undefined, reader: Thread<string>) {
    this.name = name
    this.#writer = writer
    this.#reader = reader
  }

  append(batch: readonly string[]): Promise<AppendOutcome[]> {
    // One string for the whole batch crosses to the thread ten times faster than its objects would.
    return this.#write('append', `[${batch.join(',')}]`)
  }

  drainPending(limit: number): Promise<AppendOutcome[]> {
    return this.#write('drainPending', limit)
  }

  eraseContent(erasure: Erasure): Promise<AppendOutcome> {
    return this.#write('eraseContent', erasure)
  }

  publish(publications: readonly Publication[]): Promise<void> {
    return this.#write('publish', publications)
  }

  keepCheckpoint(log: number): ReturnType<Store['keepCheckpoint']> {
    return this.#write('keepCheckpoint', log)
  }

  appendMeta(limit: number): Promise<number> {
    return this.#write('appendMeta', limit)
  }

  unpublished(afterLog: number, limit: number): ReturnType<Store['unpublished']> {
    return this.#read('unpublished', afterLog, limit)
  }

  heads(): ReturnType<Store['heads']> {
    return this.#read('heads')
  }

  headOf(tenant: string): ReturnType<Store['headOf']> {
    return this.#read('headOf', tenant)
  }

  entries(log: number, from: number, to: number): ReturnType<Store['entries']> {
    return this.#read('entries', log, from, to)
  }

  find(id: string, tenant?: string): ReturnType<Store['find']> {
    return this.#read('find', id, tenant)
  }

  list(query: ListQuery): ReturnType<Store['list']> {
    return this.#read('list', query)
  }

  survey(query: SurveyQuery): ReturnType<Store['survey']> {
    return this.#read('survey', query)
  }

  buildIndex(): Promise<number> {
    return this.#write('buildIndex')
  }

  indexNodes(log: number, level: number, afterN: number, limit: number): ReturnType<Store['indexNodes']> {
    return this.#read('indexNodes', log, level, afterN, limit)
  }

  postings(log: number, level: number, n: number, afterKey: string, limit: number): ReturnType<Store['postings']> {
    return this.#read('postings', log, level, n, afterKey, limit)
  }

  leafTimes(log: number, leaf: number): ReturnType<Store['leafTimes']> {
    return this.#read('leafTimes', log, leaf)
  }

  indexPlaces(after: IndexPlace | undefined, limit: number): ReturnType<Store['indexPlaces']> {
    return this.#read('indexPlaces', after, limit)
  }

  tile(log: number, level: number, n: number, width: number): Promise<Uint8Array> {
    return this.#read('tile', log, level, n, width)
  }

  storedTiles(
    log: number,
    after: { level: number; n: number } | undefined,
    limit: number,
  ): ReturnType<Store['storedTiles']> {
    return this.#read('storedTiles', log, after, limit)
  }

  checkpoints(log: number, afterSize: number, limit: number): ReturnType<Store['checkpoints']> {
    return this.#read('checkpoints', log, afterSize, limit)
  }

  erasures(log: number, afterIndex: number, limit: number): ReturnType<Store['erasures']> {
    return this.#read('erasures', log, afterIndex, limit)
  }

  feed(after: number, limit: number): ReturnType<Store['feed']> {
    return this.#read('feed', after, limit)
  }

  feedEnd(): Promise<number> {
    return this.#read('feedEnd')
  }

  version(): Promise<number> {
    return this.#read('version')
  }

  inspect(): ReturnType<Store['inspect']> {
    return this.#read('inspect')
  }

  watch(): Watch {
    return watchesNothing
  }

  close(): Promise<void> {
    this.#closed ??= this.#closeBoth()
    return this.#closed
  }

  async #closeBoth(): Promise<void> {
    try {
      // The reader first: a checkpoint that the writer makes at its end must not find it in the way.
      await this.#reader.close()
    } finally {
      await this.#writer?.close()
    }
  }

  #write<T>(method: string, ...args: unknown[]): Promise<T> {
    if (this.#closed !== undefined) return Promise.reject(closed())
    if (this.#writer === undefined)
      return Promise.reject(new AuditError('store_unavailable', 'The store was opened for reading only.'))
    return this.#writer.call<T>(method, ...args)
  }

  #read<T>(method: string, ...args: unknown[]): Promise<T> {
    return this.#closed === undefined ? this.#reader.call<T>(method, ...args) : Promise.reject(closed())
  }
}

const closed = (): AuditError => new AuditError('closed', 'The store is closed.', { hint: 'record before close()' })
