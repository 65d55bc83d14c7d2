/**
 * The logs of a transaction that appends, locked, with their right edges. What this process has not seen itself is checked
 * before anything is appended.
 */
import { randomBytes } from 'node:crypto'
import { AuditError } from '../../errors.ts'
import { metaTenant, systemTenant } from '../../event/index.ts'
import type { LogState } from '../append-plan.ts'
import { ask } from '../asking.ts'
import { checkedEdge, corruptLog, type EdgeRows } from '../edge-check.ts'
import { KnownLogs } from '../known-logs.ts'
import type { Publication } from '../store.ts'
import { emptyRightEdge, rightEdgeRoot } from '../right-edge.ts'
import { sameHash } from '../../log/index.ts'
import type { Row } from './client.ts'
import { literal } from './connections.ts'
import type { Tx } from './transaction.ts'

interface HeadRow {
  log: number
  tenant: string
  origin: string
  size: number
  root: Uint8Array
  recorded_at: string
}

export interface LockedLogs {
  /** Logs were made, behind the savepoint `made`. */
  made: boolean
  states: Map<string, LogState>
  /** Why nothing is appended to them: a log that contradicts itself takes no other down. */
  damaged: Map<string, string>
}

export class LogStates {
  readonly #storeName: string
  readonly #known = new KnownLogs()
  /** As they will be when a transaction of this process that is under way is committed. */
  readonly #coming = new KnownLogs()
  /** By log, the size of the newest checkpoint of this process: others may have appended what it covers. */
  readonly #published = new Map<number, number>()
  /** That a tenant has a log never changes. */
  readonly #made = new Set<string>()

  constructor(storeName: string) {
    this.#storeName = storeName
  }

  /**
   * Locks the logs of tenants to the end of the transaction, in the order of their numbers as everybody does, after it has
   * made those that are not there; with them `_system`, where the beginnings of new ones are recorded.
   */
  async lock(tx: Tx, tenants: readonly string[], now: string): Promise<LockedLogs> {
    const made = await this.make(tx, tenants, now)
    const wanted = new Set(made ? [...tenants, systemTenant] : tenants)
    return this.#check(tx, await lockHeads(tx, [...wanted], ''), wanted, made)
  }

  /**
   * The same with one statement, for the beginning of a transaction; undefined where logs may have to be made.
   * `locked` takes its rows.
   */
  lockStatement(tenants: readonly string[]): string | undefined {
    if (tenants.length === 0 || !tenants.every((tenant) => this.#made.has(tenant))) return undefined
    return selectHeads(`ARRAY[${tenants.map(literal).join(', ')}]`, '')
  }

  locked(tx: Tx, tenants: readonly string[], rows: readonly Row[]): Promise<LockedLogs> {
    return this.#check(tx, rows as unknown as HeadRow[], new Set(tenants), false)
  }

  /** How a log is likely to stand when it is locked next; undefined when this process has not seen it. */
  likely(tenant: string): LogState | undefined {
    const [coming, known] = [this.#coming.get(tenant), this.#known.get(tenant)]
    // What was appended in another way, as from `pending`, has overtaken what was coming.
    return coming !== undefined && (known === undefined || sizeOf(coming) > sizeOf(known)) ? coming : known
  }

  /** Locks the logs that are there, and with them the one where the beginnings of the others will be recorded. */
  async lockThere(tx: Tx, tenants: readonly string[]): Promise<void> {
    const isMissing = (await this.#missing(tx, tenants)).length > 0
    await lockHeads(tx, isMissing ? [...tenants, systemTenant] : tenants, '')
  }

  /**
   * Locks those that nobody else is working on, or all of them; none where logs have to be made, since one that holds a log
   * must not wait for one with a lower number.
   * @returns the tenants whose events may be appended now
   */
  async lockFree(tx: Tx, tenants: readonly string[], waits: boolean): Promise<Set<string>> {
    if ((await this.#missing(tx, tenants)).length > 0) return new Set(tenants)
    const heads = await lockHeads(tx, tenants, waits ? '' : 'SKIP LOCKED')
    return new Set(heads.map(({ tenant }) => tenant))
  }

  async #check(tx: Tx, heads: readonly HeadRow[], wanted: ReadonlySet<string>, made: boolean): Promise<LockedLogs> {
    const locked: LockedLogs = { made, states: new Map(), damaged: new Map() }
    const rows = edgeRows(tx)
    for (const head of heads)
      try {
        locked.states.set(head.tenant, await this.#stateOf(rows, head))
      } catch (error) {
        if (!(error instanceof AuditError && error.code === 'store_corrupt')) throw error
        locked.damaged.set(head.tenant, error.message)
      }
    for (const tenant of wanted)
      if (!heads.some((head) => head.tenant === tenant))
        locked.damaged.set(tenant, corruptLog(tenant, 'it has no head').message)
    // Without `_system` no log can begin.
    const system = locked.damaged.get(systemTenant)
    if (system !== undefined)
      for (const [tenant, { isNew }] of locked.states)
        if (isNew) {
          locked.states.delete(tenant)
          locked.damaged.set(tenant, system)
        }
    return locked
  }

  async #stateOf(rows: EdgeRows, head: HeadRow): Promise<LogState> {
    const coming = this.#coming.get(head.tenant)
    if (coming !== undefined && isAt(coming, head)) return coming
    const published = this.#published.get(head.log) ?? 0
    // A standby that was behind may have taken the place of the server: to append here would be a second history.
    if (head.size < published)
      throw corruptLog(head.tenant, `it had ${published} entries under a checkpoint and has ${head.size}`)
    const known = this.#known.get(head.tenant)
    const rightEdge = await ask(checkedEdge(rows, head, known?.rightEdge))
    if (known !== undefined && known.rightEdge === rightEdge) return known
    const { log, tenant, origin, recorded_at: recordedAt, size } = head
    return { log, tenant, origin, recordedAt, rightEdge, isNew: size === 0 && tenant !== metaTenant }
  }

  /** Makes the logs that are not there, and `_system` with them. @returns whether any was made, behind the savepoint `made` */
  async make(tx: Tx, wanted: readonly string[], now: string): Promise<boolean> {
    const missing = await this.#missing(tx, wanted)
    if (missing.length === 0) return false
    if (missing.some((tenant) => tenant !== metaTenant)) missing.push(systemTenant)
    // In the order of their names, so that two who make the same ones wait for each other and not in a ring.
    const names = [...new Set(missing)].sort()
    await tx.rows('SAVEPOINT made')
    await tx.rows(
      `WITH made AS (
         INSERT INTO auditproof.log (tenant, origin, created_at) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
         ON CONFLICT (tenant) DO NOTHING RETURNING log)
       INSERT INTO auditproof.head (log, size, root, recorded_at) SELECT log, 0, $4::bytea, '' FROM made`,
      names,
      names.map((tenant) => this.#newOrigin(tenant)),
      names.map(() => now),
      Buffer.from(rightEdgeRoot(emptyRightEdge)),
    )
    return true
  }

  async #missing(tx: Tx, tenants: readonly string[]): Promise<string[]> {
    const unseen = tenants.filter((tenant) => !this.#made.has(tenant))
    if (unseen.length === 0) return []
    const there = await tx.rows<{ tenant: string }>('SELECT tenant FROM auditproof.log WHERE tenant = ANY($1)', unseen)
    const found = new Set(there.map(({ tenant }) => tenant))
    return unseen.filter((tenant) => !found.has(tenant))
  }

  #newOrigin(tenant: string): string {
    return tenant === metaTenant ? this.#storeName : `${this.#storeName}/${randomBytes(8).toString('hex')}`
  }

  /** They are about to be written. */
  coming(states: readonly LogState[]): void {
    for (const state of states) this.#coming.remember(state)
  }

  committed(states: readonly LogState[]): void {
    for (const state of states) {
      // One that was committed before another may be told after it.
      const known = this.#known.get(state.tenant)
      if (known === undefined || sizeOf(known) < sizeOf(state)) this.#known.remember(state)
      this.#made.add(state.tenant)
    }
    if (this.#made.size > madeMax) this.#made.clear()
  }

  /** They are under checkpoints for good. */
  published(publications: readonly Pick<Publication, 'log' | 'size'>[]): void {
    for (const { log, size } of publications) this.#published.set(log, Math.max(size, this.#published.get(log) ?? 0))
    if (this.#published.size > publishedMax) this.#published.clear()
  }

  /** What was coming may not come. */
  failed(): void {
    this.#coming.clear()
  }
}

const madeMax = 100_000
const publishedMax = 100_000

const sizeOf = ({ rightEdge }: LogState): number => rightEdge.edge.size

const isAt = ({ rightEdge }: LogState, { size, root }: HeadRow): boolean =>
  rightEdge.edge.size === size && sameHash(rightEdgeRoot(rightEdge), root)

/** @param tenants an array, as SQL */
const selectHeads = (tenants: string, wait: '' | 'SKIP LOCKED'): string =>
  `SELECT head.log, tenant, origin, size, root, recorded_at FROM auditproof.head JOIN auditproof.log USING (log)
   WHERE tenant = ANY(${tenants}) ORDER BY head.log FOR UPDATE OF head ${wait}`

const lockHeads = (tx: Tx, tenants: readonly string[], wait: '' | 'SKIP LOCKED'): Promise<HeadRow[]> =>
  tx.rows<HeadRow>(selectHeads('$1', wait), tenants)

const edgeRows = (tx: Tx): EdgeRows => ({
  async entries(log, from, to) {
    const rows = await tx.rows<{ entry: string; leaf_hash: Uint8Array }>(
      'SELECT entry, leaf_hash FROM auditproof.entry WHERE log = $1 AND idx >= $2 AND idx < $3 ORDER BY idx',
      log,
      from,
      to,
    )
    return rows.map((row) => ({ entry: Buffer.from(row.entry), leafHash: row.leaf_hash }))
  },
  async roots(log, level, from, to) {
    const rows = await tx.rows<{ root: Uint8Array }>(
      'SELECT root FROM auditproof.tile WHERE log = $1 AND level = $2 AND n >= $3 AND n < $4 ORDER BY n',
      log,
      level,
      from,
      to,
    )
    return rows.map(({ root }) => root)
  },
  async published(log) {
    const rows = await tx.rows<{ size: number; note: string }>(
      'SELECT note_size AS size, note FROM auditproof.head WHERE log = $1 AND note IS NOT NULL',
      log,
    )
    return rows[0]
  },
})
