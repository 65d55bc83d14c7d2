/**
 * The logs a writer appends to, with their right edges in memory. What it has not seen itself it checks before it
 * appends: the entries at the edge are hashed again, and the root they give must be the one the head names.
 */
import { randomBytes } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { metaTenant } from '../../event/index.ts'
import type { LogState } from '../append-plan.ts'
import { askNow } from '../asking.ts'
import { checkedEdge, corruptLog, type EdgeRows } from '../edge-check.ts'
import { KnownLogs } from '../known-logs.ts'
import { emptyRightEdge } from '../right-edge.ts'
import { positionOf } from './place.ts'

/** Of a log that is not made yet: it is, only if an event goes into it. */
export const numberless = 0

interface HeadRow {
  size: number
  root: Uint8Array
  recorded_at: string
}

export class LogStates {
  readonly #storeName: string
  readonly #known = new KnownLogs()
  readonly #rows: EdgeRows
  readonly #selectLog: StatementSync
  readonly #selectHead: StatementSync
  readonly #insertLog: StatementSync

  constructor(db: DatabaseSync, storeName: string) {
    this.#storeName = storeName
    this.#selectLog = db.prepare('SELECT log, origin FROM log WHERE tenant = ?')
    this.#selectHead = db.prepare('SELECT size, root, recorded_at FROM head WHERE log = ?')
    this.#insertLog = db.prepare(
      'INSERT INTO log (log, tenant, origin, created_at) SELECT coalesce(max(log), 0) + 1, ?, ?, ? FROM log RETURNING log',
    )
    this.#rows = edgeRows(db)
  }

  /**
   * The log of a tenant as it stands inside the open write transaction; when there is none, one without a number, which
   * `make` gives it.
   * @throws `store_corrupt` where what is stored contradicts itself
   */
  get(tenant: string): LogState {
    const known = this.#known.get(tenant)
    const row = known ?? (this.#selectLog.get(tenant) as { log: number; origin: string } | undefined)
    if (row === undefined) return this.#newLog(tenant)
    const head = this.#selectHead.get(row.log) as unknown as HeadRow | undefined
    if (head === undefined) throw corruptLog(tenant, 'it has no head')
    const rightEdge = askNow(checkedEdge(this.#rows, { log: row.log, tenant, ...head }, known?.rightEdge))
    if (known?.rightEdge === rightEdge) return known
    const state = { log: row.log, tenant, origin: row.origin, recordedAt: head.recorded_at, rightEdge, isNew: false }
    this.remember(state)
    return state
  }

  remember(state: LogState): void {
    this.#known.remember(state)
  }

  rolledBack(): void {
    this.#known.clear()
  }

  /** Inserts the row of a new log. @returns its number */
  make({ tenant, origin }: LogState, now: string): number {
    return (this.#insertLog.get(tenant, origin, now) as { log: number }).log
  }

  #newLog(tenant: string): LogState {
    const origin = tenant === metaTenant ? this.#storeName : `${this.#storeName}/${randomBytes(8).toString('hex')}`
    return { log: numberless, tenant, origin, recordedAt: '', rightEdge: emptyRightEdge, isNew: tenant !== metaTenant }
  }
}

function edgeRows(db: DatabaseSync): EdgeRows {
  const entries = db.prepare(
    'SELECT entry, leaf_hash AS leafHash FROM entry WHERE position >= ? AND position < ? ORDER BY position',
  )
  const roots = db.prepare('SELECT root FROM tile WHERE log = ? AND level = ? AND n >= ? AND n < ? ORDER BY n')
  const published = db.prepare('SELECT note_size AS size, note FROM head WHERE log = ? AND note IS NOT NULL')
  return {
    entries: (log, from, to) =>
      entries.all(positionOf(log, from), positionOf(log, to)) as { entry: Uint8Array; leafHash: Uint8Array }[],
    roots: (log, level, from, to) => roots.all(log, level, from, to).map((row) => row['root'] as Uint8Array),
    published: (log) => published.get(log) as { size: number; note: string } | undefined,
  }
}
