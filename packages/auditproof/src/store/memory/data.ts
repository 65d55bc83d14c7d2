/** What a memory store holds. Several stores may share it, as several processes share a database. */
import { randomBytes } from 'node:crypto'
import { metaTenant } from '../../event/index.ts'
import { emptyRightEdge, type RightEdge } from '../right-edge.ts'
import type { FeedRow, KeptCheckpoint, PublishedCheckpoint, StoredEntry, StoredErasure, StoredTile } from '../store.ts'

export interface MemoryLog {
  readonly log: number
  readonly tenant: string
  readonly origin: string
  /** Of the newest entry; '' when there is none. */
  recordedAt: string
  rightEdge: RightEdge
  readonly entries: StoredEntry[]
  readonly indexById: Map<string, number>
  /** Full ones, by `level/n`. */
  readonly tiles: Map<string, StoredTile>
  published: PublishedCheckpoint | undefined
  readonly kept: KeptCheckpoint[]
  /** When the last one was kept, milliseconds since 1970. */
  keptAt: number
  metaSize: number
  /** By index: what each entry is found by. */
  readonly keys: Set<string>[]
  indexedSize: number
  readonly erasures: StoredErasure[]
}

export class MemoryData {
  readonly name: string
  /** Log number n at n - 1. */
  readonly logs: MemoryLog[] = []
  readonly feed: FeedRow[] = []
  /** JSON text of submissions, oldest first: an application's transaction would leave them here. */
  readonly pending: string[] = []
  /** Commits so far. */
  version = 0
  #lastWrite: Promise<unknown> = Promise.resolve()

  constructor(name: string) {
    this.name = name
  }

  logOf(tenant: string): MemoryLog | undefined {
    return this.logs.find((log) => log.tenant === tenant)
  }

  /** The lock that a database would have: writes run one after the other, whichever store they come from. */
  exclusively<T>(write: () => Promise<T>): Promise<T> {
    const result = this.#lastWrite.then(write)
    this.#lastWrite = result.catch(() => {}) // its caller has the error; the next write does not
    return result
  }
}

/** A log that nobody sees until it is among the logs of the data. */
export function newLog(data: MemoryData, log: number, tenant: string): MemoryLog {
  return {
    log,
    tenant,
    origin: tenant === metaTenant ? data.name : `${data.name}/${randomBytes(8).toString('hex')}`,
    recordedAt: '',
    rightEdge: emptyRightEdge,
    entries: [],
    indexById: new Map(),
    tiles: new Map(),
    published: undefined,
    kept: [],
    keptAt: Number.NEGATIVE_INFINITY,
    metaSize: 0,
    keys: [],
    indexedSize: 0,
    erasures: [],
  }
}
