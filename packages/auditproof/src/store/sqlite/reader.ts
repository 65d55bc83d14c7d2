/** The reading side of the SQLite store, synchronous; it runs in a thread of its own, on a connection of its own. */
import { randomInt } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { AuditError } from '../../errors.ts'
import type { Group } from '../../event/index.ts'
import { tileWidth, type Hash } from '../../log/index.ts'
import { headColumns, logHead, type HeadRow } from '../head-row.ts'
import { storeLimits } from '../limits.ts'
import { joinHashes } from '../right-edge.ts'
import type {
  FeedRow,
  Inspection,
  KeptCheckpoint,
  LogHead,
  Place,
  StoredEntry,
  StoredErasure,
  StoredTile,
  UnpublishedLog,
} from '../store.ts'
import type { IndexPlace, ListPage, ListQuery, Posting, StoredNode, Survey, SurveyQuery } from '../search.ts'
import { askNow } from '../asking.ts'
import { listPage } from '../search/list.ts'
import { surveyOf } from '../search/survey.ts'
import { TimesCache } from '../search/times-cache.ts'
import { proveConsistencyFromTiles } from '../tiles.ts'
import { splitDisclosures } from '../content-row.ts'
import { needsReopening, readError } from './errors.ts'
import { inspectFile } from './inspect.ts'
import { searchRows, type All } from './search-rows.ts'
import { indexPlaces } from './index-places.ts'
import { storedNodes, storedPostings, storedTimes } from './index-rows.ts'
import { openForReading } from './open.ts'
import type { OpenedReadOnly } from './open-read-only.ts'
import { indexesPerLog, indexOf, positionOf } from './place.ts'
import { summaryOfRow } from '../content-row.ts'

export class SqliteReader {
  readonly #path: string
  #db: DatabaseSync | undefined
  /** The disk has reported an error: nothing more is read with this connection. */
  #doubtful = false
  #opened: OpenedReadOnly | undefined
  /** What the store was called when it was opened first. */
  #name: string | undefined
  /** Counts connections, from anywhere: no two have the same number, of a thread that was replaced neither. */
  #connection = randomInt(2 ** 20)
  /** The connection is somebody else's. */
  readonly #given: boolean
  readonly #statements = new Map<string, StatementSync>()
  #times = new TimesCache(storeLimits.timesLeavesMax)
  readonly #ask: All = (sql, ...values) => this.#all(sql, ...values)
  readonly #rows = searchRows(this.#ask)

  /** @param db an open connection, whose uncommitted changes are seen too; one of its own when absent */
  constructor(path: string, db?: DatabaseSync) {
    this.#path = path
    this.#db = db
    this.#given = db !== undefined
  }

  /** @returns the name of the store */
  open(): string {
    this.#name = this.#one(nameQuery)!['name'] as string
    return this.#name
  }

  heads(): LogHead[] {
    const rows = this.#all(`SELECT ${headColumns} FROM log JOIN head USING (log) ORDER BY log`)
    return (rows as unknown as HeadRow[]).map(logHead)
  }

  headOf(tenant: string): LogHead | undefined {
    const row = this.#one(`SELECT ${headColumns} FROM log JOIN head USING (log) WHERE tenant = ?`, tenant)
    return row && logHead(row as unknown as HeadRow)
  }

  entries(log: number, from: number, to: number): StoredEntry[] {
    const end = Math.min(to, indexesPerLog)
    if (from >= end) return []
    const rows = this.#all(
      `SELECT entry.position, id, entry, leaf_hash, content.position AS content, occurred_at, recorded_at, action, outcome,
         severity, actor, actor_name, target, target_name, disclosures
       FROM entry LEFT JOIN content USING (position) WHERE entry.position >= ? AND entry.position <= ? ORDER BY entry.position LIMIT ?`,
      positionOf(log, from),
      positionOf(log, end - 1),
      storeLimits.readEntriesMax,
    )
    return rows.map((row) => ({
      index: indexOf(row['position'] as number),
      id: row['id'] as string,
      entry: row['entry'] as Uint8Array,
      leafHash: row['leaf_hash'] as Uint8Array,
      content:
        row['content'] === null
          ? undefined
          : { summary: summaryOfRow(row), disclosures: splitDisclosures(row['disclosures'] as string) },
    }))
  }

  find(id: string, tenant?: string): Place[] {
    const logs = this.#all(
      tenant === undefined
        ? 'SELECT log, tenant FROM log ORDER BY log'
        : 'SELECT log, tenant FROM log WHERE tenant = ?',
      ...(tenant === undefined ? [] : [tenant]),
    ) as unknown as { log: number; tenant: string }[]
    return logs.flatMap(({ log, tenant: owner }) => {
      const row = this.#one('SELECT position FROM entry WHERE log = ? AND id = ?', log, id)
      return row === undefined ? [] : [{ tenant: owner, log, index: indexOf(row['position'] as number) }]
    })
  }

  list(query: ListQuery): ListPage {
    return this.#atOneTime(() => askNow(listPage(query, this.#rows, this.#times)))
  }

  survey(query: SurveyQuery): Survey {
    return this.#atOneTime(() => askNow(surveyOf(query, this.#rows, this.#times)))
  }

  indexNodes(log: number, level: number, afterN: number, limit: number): StoredNode[] {
    return storedNodes(this.#ask, log, level, afterN, limit)
  }

  postings(log: number, level: number, n: number, afterKey: string, limit: number): Posting[] {
    return storedPostings(this.#ask, log, level, n, afterKey, limit)
  }

  leafTimes(log: number, leaf: number): Float64Array | undefined {
    return storedTimes(this.#ask, log, leaf)
  }

  indexPlaces(after: IndexPlace | undefined, limit: number): IndexPlace[] {
    return this.#atOneTime(() => indexPlaces(this.#ask, after, limit))
  }

  unpublished(afterLog: number, limit: number): UnpublishedLog[] {
    const rows = this.#all(
      `SELECT head.log, origin, size, root, note_size, note FROM head JOIN log USING (log)
       WHERE size > note_size AND head.log > ? ORDER BY head.log LIMIT ?`,
      afterLog,
      limit,
    ) as unknown as HeadRow[]
    return rows.map(({ log, origin, size, root, note_size, note }) => ({
      log,
      origin,
      size,
      root,
      publishedSize: note_size,
      published: note ?? undefined,
      proof: note_size === 0 ? [] : this.proveConsistency(log, note_size, size),
    }))
  }

  proveConsistency(log: number, from: number, to: number): Hash[] {
    return proveConsistencyFromTiles(from, to, ({ level, index, width }) => this.tile(log, level, index, width))
  }

  tile(log: number, level: number, n: number, width: number): Uint8Array {
    const first = n * 256
    const size = (this.#one('SELECT size FROM head WHERE log = ?', log)?.['size'] as number | undefined) ?? 0
    if (width < 1 || width > tileWidth(level, n, size))
      throw new AuditError('not_found', `There is no tile ${level}/${n} of width ${width} in a log of ${size} entries.`)
    if (width === 256) {
      const row = this.#one('SELECT hashes FROM tile WHERE log = ? AND level = ? AND n = ?', log, level, n)
      if (row === undefined) throw new AuditError('store_corrupt', `Tile ${level}/${n} of log ${log} is missing.`)
      return row['hashes'] as Uint8Array
    }
    const rows =
      level === 0
        ? this.#all(
            'SELECT leaf_hash AS hash FROM entry WHERE position >= ? AND position < ? ORDER BY position',
            positionOf(log, first),
            positionOf(log, first + width),
          )
        : this.#all(
            'SELECT root AS hash FROM tile WHERE log = ? AND level = ? AND n >= ? AND n < ? ORDER BY n',
            log,
            level - 1,
            first,
            first + width,
          )
    if (rows.length !== width)
      throw new AuditError('store_corrupt', `Hashes of tile ${level}/${n} of log ${log} are missing.`)
    return joinHashes(rows.map((row) => row['hash'] as Uint8Array))
  }

  storedTiles(log: number, after: { level: number; n: number } | undefined, limit: number): StoredTile[] {
    return this.#all(
      `SELECT level, n, hashes, root FROM tile WHERE log = ? AND (level, n) > (?, ?) ORDER BY level, n LIMIT ?`,
      log,
      after?.level ?? -1,
      after?.n ?? -1,
      limit,
    ) as unknown as StoredTile[]
  }

  checkpoints(log: number, afterSize: number, limit: number): KeptCheckpoint[] {
    return this.#all(
      'SELECT size, prev_size AS previous, note FROM checkpoint WHERE log = ? AND size > ? ORDER BY size LIMIT ?',
      log,
      afterSize,
      limit,
    ) as unknown as KeptCheckpoint[]
  }

  erasures(log: number, afterIndex: number, limit: number): StoredErasure[] {
    const rows = this.#all(
      'SELECT idx, disclosure_group, by_idx FROM erasure WHERE log = ? AND idx > ? ORDER BY idx, disclosure_group LIMIT ?',
      log,
      afterIndex,
      limit,
    )
    return rows.map((row) => ({
      index: row['idx'] as number,
      group: row['disclosure_group'] as Group,
      by: row['by_idx'] as number,
    }))
  }

  feed(after: number, limit: number): FeedRow[] {
    return this.#all(
      'SELECT position, log, from_idx AS "from", to_idx AS "to" FROM feed WHERE position > ? ORDER BY position LIMIT ?',
      after,
      limit,
    ) as unknown as FeedRow[]
  }

  feedEnd(): number {
    return this.#one('SELECT coalesce(max(position), 0) AS position FROM feed')!['position'] as number
  }

  version(): number {
    // Who follows asks this all the time: here it is seen that another file lies in the place of the one that is open.
    if (this.#opened?.isInPlace() === false && this.#db?.isTransaction !== true) this.close()
    // SQLite counts for one connection, in 32 bits: a new one may begin where the last one stood.
    const changes = Number(this.#one('PRAGMA data_version')!['data_version'])
    return this.#connection * 2 ** 32 + changes
  }

  inspect(): Inspection[] {
    return inspectFile(this.#connect(), this.#path, this.#opened?.unchanging ?? false)
  }

  close(): void {
    this.#doubtful = false
    this.#statements.clear()
    this.#times = new TimesCache(storeLimits.timesLeavesMax) // those of this file
    this.#db?.close()
    this.#db = undefined
    this.#opened = undefined
  }

  #connect(): DatabaseSync {
    if (this.#mustReopen() && !this.#given && this.#db?.isTransaction !== true) this.close()
    if (this.#db === undefined) {
      const opened = openForReading(this.#path)
      if (this.#name !== undefined) refuseOther(opened.db, this.#name, this.#path)
      this.#opened = opened
      this.#db = opened.db
      this.#connection += 1
    }
    return this.#db
  }

  /** Several statements that see the store as it was at one time, whatever is written meanwhile. */
  #atOneTime<T>(read: () => T): T {
    const db = this.#connect()
    if (db.isTransaction) return read()
    db.exec('BEGIN')
    try {
      return read()
    } finally {
      db.exec('COMMIT')
    }
  }

  #mustReopen(): boolean {
    return this.#doubtful || this.#opened?.isCurrent() === false
  }

  #all(sql: string, ...values: (string | number)[]): Record<string, unknown>[] {
    return this.#reading(() => this.#prepare(sql).all(...values))
  }

  #one(sql: string, ...values: (string | number)[]): Record<string, unknown> | undefined {
    return this.#reading(() => this.#prepare(sql).get(...values))
  }

  /** After an error of the disk once more, on a new connection: what the old one has in memory is not to be trusted. */
  #reading<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      this.#doubtful = needsReopening(error)
      if (!this.#doubtful || this.#given || this.#db?.isTransaction === true) throw readError(error, 'read the store')
    }
    try {
      return read()
    } catch (again) {
      this.#doubtful = needsReopening(again)
      throw readError(again, 'read the store')
    }
  }

  #prepare(sql: string): StatementSync {
    const db = this.#connect()
    let statement = this.#statements.get(sql)
    if (statement === undefined) this.#statements.set(sql, (statement = db.prepare(sql)))
    return statement
  }
}

const nameQuery = 'SELECT name FROM store'

/** @throws AuditError `store_unavailable` for a store that is another one than before; the connection is closed then */
function refuseOther(db: DatabaseSync, before: string, path: string): void {
  try {
    const name = db.prepare(nameQuery).get()!['name'] as string
    if (name === before) return
    throw new AuditError('store_unavailable', `The store at ${path} is ${name} now; it was ${before}.`, {
      hint: 'somebody put another store in its place: put the right one back',
    })
  } catch (error) {
    db.close()
    throw readError(error, 'read the store')
  }
}
