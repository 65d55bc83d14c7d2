/** The reading side of the PostgreSQL store: each method a transaction of the reader, who sees the logs that it names. */
import { AuditError } from '../../errors.ts'
import type { Group } from '../../event/index.ts'
import { tileWidth, type Hash } from '../../log/index.ts'
import { ask } from '../asking.ts'
import { splitDisclosures, summaryOfRow } from '../content-row.ts'
import { headColumns, logHead, type HeadRow } from '../head-row.ts'
import { storeLimits } from '../limits.ts'
import { joinHashes } from '../right-edge.ts'
import type { ListPage, ListQuery, Survey, SurveyQuery } from '../search.ts'
import { listPage } from '../search/list.ts'
import { surveyOf } from '../search/survey.ts'
import { TimesCache } from '../search/times-cache.ts'
import type {
  FeedRow, KeptCheckpoint, LogHead, Place, StoredEntry, StoredErasure, StoredTile, UnpublishedLog,
} from '../store.ts' // prettier-ignore
import { proveConsistencyFromTiles } from '../tiles.ts'
import type { Connections, Reads } from './connections.ts'
import type { Tx } from './transaction.ts'
import { searchRows, storable } from './search-rows.ts'

export class PostgresReader {
  readonly #connections: Connections
  readonly #times = new TimesCache(storeLimits.timesLeavesMax)

  constructor(connections: Connections) {
    this.#connections = connections
  }

  read<T>(reads: Reads, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#connections.read('read the store', reads, work)
  }

  list(query: ListQuery): Promise<ListPage> {
    return this.read(readsOf(query.tenant), (tx) => ask(listPage(query, searchRows(tx), this.#times)))
  }

  survey(query: SurveyQuery): Promise<Survey> {
    return this.read(readsOf(query.tenant), (tx) => ask(surveyOf(query, searchRows(tx), this.#times)))
  }

  async heads(): Promise<LogHead[]> {
    const rows = await this.read('*', (tx) => tx.rows<HeadRow>(`${selectHeads} ORDER BY log`))
    return rows.map(logHead)
  }

  async headOf(tenant: string): Promise<LogHead | undefined> {
    const rows = await this.read(readsOf(tenant), (tx) =>
      tx.rows<HeadRow>(`${selectHeads} WHERE tenant = $1`, storable(tenant)),
    )
    return rows[0] && logHead(rows[0])
  }

  async entries(log: number, from: number, to: number): Promise<StoredEntry[]> {
    const rows = await this.read(`#${log}`, (tx) =>
      tx.rows(
        `SELECT idx, id, entry, leaf_hash, content.log IS NOT NULL AS there, occurred_at, ${recordedAt}, action, outcome, severity,
           actor, actor_name, target, target_name, disclosures
         FROM auditproof.entry LEFT JOIN auditproof.content USING (log, idx, month)
         WHERE entry.log = $1 AND idx >= $2 AND idx < $3 ORDER BY idx LIMIT $4`,
        log,
        from,
        finite(to),
        storeLimits.readEntriesMax,
      ),
    )
    return rows.map((row) => ({
      index: row['idx'] as number,
      id: row['id'] as string,
      entry: new Uint8Array(Buffer.from(row['entry'] as string)),
      leafHash: row['leaf_hash'] as Uint8Array,
      content:
        row['there'] === true
          ? { summary: summaryOfRow(row), disclosures: splitDisclosures(row['disclosures'] as string) }
          : undefined,
    }))
  }

  find(id: string, tenant?: string): Promise<Place[]> {
    return this.read(readsOf(tenant), (tx) =>
      tx.rows<Place>(
        `SELECT tenant, log, idx AS index FROM auditproof.log JOIN auditproof.entry USING (log)
         WHERE id = $1 AND ($2::text IS NULL OR tenant = $2) ORDER BY log`,
        storable(id),
        tenant === undefined ? null : storable(tenant),
      ),
    )
  }

  unpublished(afterLog: number, limit: number): Promise<UnpublishedLog[]> {
    return this.read('*', async (tx) => {
      const rows = await tx.rows<HeadRow>(
        `${selectHeads} WHERE size > note_size AND log > $1 ORDER BY log LIMIT $2`,
        afterLog,
        limit,
      )
      const found: UnpublishedLog[] = []
      for (const { log, origin, size, root, note_size, note } of rows)
        found.push({
          log,
          origin,
          size,
          root,
          publishedSize: note_size,
          published: note ?? undefined,
          proof: note_size === 0 ? [] : await this.#proveConsistency(tx, log, note_size, size),
        })
      return found
    })
  }

  async #proveConsistency(tx: Tx, log: number, from: number, to: number): Promise<Hash[]> {
    // Which tiles it takes is known without their bytes.
    const wanted: { level: number; index: number; width: number }[] = []
    proveConsistencyFromTiles(from, to, (tile) => {
      wanted.push(tile)
      return new Uint8Array(tile.width * 32)
    })
    const tiles = new Map<string, Uint8Array>()
    for (const { level, index, width } of wanted)
      tiles.set(`${level}/${index}`, await tileOf(tx, log, to, level, index, width))
    return proveConsistencyFromTiles(from, to, ({ level, index }) => tiles.get(`${level}/${index}`)!)
  }

  tile(log: number, level: number, n: number, width: number): Promise<Uint8Array> {
    return this.read(`#${log}`, async (tx) => {
      const [head] = await tx.rows<{ size: number }>('SELECT size FROM auditproof.head WHERE log = $1', log)
      return tileOf(tx, log, head?.size ?? 0, level, n, width)
    })
  }

  storedTiles(log: number, after: { level: number; n: number } | undefined, limit: number): Promise<StoredTile[]> {
    return this.read(`#${log}`, (tx) =>
      tx.rows<StoredTile>(
        `SELECT level, n, hashes, root FROM auditproof.tile WHERE log = $1 AND (level, n) > ($2, $3)
         ORDER BY level, n LIMIT $4`,
        log,
        after?.level ?? -1,
        after?.n ?? -1,
        limit,
      ),
    )
  }

  checkpoints(log: number, afterSize: number, limit: number): Promise<KeptCheckpoint[]> {
    return this.read(`#${log}`, (tx) =>
      tx.rows<KeptCheckpoint>(
        `SELECT size, prev_size AS previous, note FROM auditproof.checkpoint WHERE log = $1 AND size > $2
         ORDER BY size LIMIT $3`,
        log,
        afterSize,
        limit,
      ),
    )
  }

  erasures(log: number, afterIndex: number, limit: number): Promise<StoredErasure[]> {
    return this.read(`#${log}`, (tx) =>
      tx.rows<StoredErasure & { group: Group }>(
        `SELECT idx AS index, disclosure_group AS "group", by_idx AS by FROM auditproof.erasure
         WHERE log = $1 AND idx > $2 ORDER BY idx, disclosure_group LIMIT $3`,
        log,
        afterIndex,
        limit,
      ),
    )
  }

  feed(after: number, limit: number): Promise<FeedRow[]> {
    return this.read('*', (tx) =>
      tx.rows<FeedRow>(
        `SELECT position, log, from_idx AS "from", to_idx AS "to" FROM auditproof.feed WHERE position > $1
         ORDER BY position LIMIT $2`,
        after,
        limit,
      ),
    )
  }

  async feedEnd(): Promise<number> {
    const rows = await this.read('*', (tx) =>
      tx.rows<{ end: number }>('SELECT coalesce(max(position), 0) AS "end" FROM auditproof.feed'),
    )
    return rows[0]!.end
  }

  /**
   * Out of what changes with every append, publication and piece of the index: the end of the feed, and where the logs stand
   * that are not done, which are few and have indexes of their own.
   */
  async version(): Promise<number> {
    const rows = await this.read('*', (tx) =>
      tx.rows<{ version: number }>(
        `SELECT ('x' || left(md5(concat_ws(' ',
           (SELECT max(position) FROM auditproof.feed),
           (SELECT max(log) FROM auditproof.log),
           (SELECT sum(hashint8extended(log, size)) FROM auditproof.head WHERE size > note_size),
           (SELECT sum(hashint8extended(log, indexed)) FROM auditproof.head WHERE size > indexed),
           (SELECT sum(hashint8extended(log, note_size)) FROM auditproof.head WHERE note_size > meta_size))), 13))::bit(52)::bigint
           AS version`,
      ),
    )
    return rows[0]!.version
  }
}

/** @param size of the log, in the snapshot of the transaction */
async function tileOf(tx: Tx, log: number, size: number, level: number, n: number, width: number): Promise<Uint8Array> {
  if (width < 1 || width > tileWidth(level, n, size))
    throw new AuditError('not_found', `There is no tile ${level}/${n} of width ${width} in a log of ${size} entries.`)
  if (width === 256) {
    const [row] = await tx.rows<{ hashes: Uint8Array }>(
      'SELECT hashes FROM auditproof.tile WHERE log = $1 AND level = $2 AND n = $3',
      log,
      level,
      n,
    )
    if (row === undefined) throw new AuditError('store_corrupt', `Tile ${level}/${n} of log ${log} is missing.`)
    return row.hashes
  }
  const first = n * 256
  const rows =
    level === 0
      ? await tx.rows<{ hash: Uint8Array }>(
          'SELECT leaf_hash AS hash FROM auditproof.entry WHERE log = $1 AND idx >= $2 AND idx < $3 ORDER BY idx',
          ...([log, first, first + width] as const),
        )
      : await tx.rows<{ hash: Uint8Array }>(
          'SELECT root AS hash FROM auditproof.tile WHERE log = $1 AND level = $2 AND n >= $3 AND n < $4 ORDER BY n',
          ...([log, level - 1, first, first + width] as const),
        )
  if (rows.length !== width)
    throw new AuditError('store_corrupt', `Hashes of tile ${level}/${n} of log ${log} are missing.`)
  return joinHashes(rows.map(({ hash }) => hash))
}

/**
 * Content lies in the month of its recordedAt, which whoever verifies compares with the entry. Moved elsewhere together with the
 * month that the entry names, it would go with the retention of another month: so it has none then.
 */
const recordedAt = "CASE WHEN to_char(month, 'YYYY-MM') = left(recorded_at, 7) THEN recorded_at END AS recorded_at"

const selectHeads = `SELECT ${headColumns}
  FROM auditproof.log JOIN auditproof.head USING (log)`

const readsOf = (tenant: string | undefined): Reads => (tenant === undefined ? '*' : `=${tenant}`)

/** There are no larger indexes. */
const finite = (index: number): number => Math.min(index, Number.MAX_SAFE_INTEGER)
