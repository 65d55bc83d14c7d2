/**
 * The logs a writer appends to, with their right edges in memory. What it has not seen itself it checks before it
 * appends: the entries at the edge are hashed again, and the root they give must be the one the head names.
 */
import { randomBytes } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { AuditError } from '../../errors.ts'
import { metaTenant } from '../../event/index.ts'
import { leafHash, parseCheckpoint, parseNote, sameHash, type Hash } from '../../log/index.ts'
import type { LogState } from '../append-plan.ts'
import { storeLimits } from '../limits.ts'
import {
  emptyRightEdge,
  extendRightEdge,
  partialWidth,
  rightEdgeFrom,
  rightEdgeRoot,
  tileLevels,
  type RightEdge,
} from '../right-edge.ts'
import { positionOf } from './place.ts'

/** Of a log that is not made yet: it is, only if an event goes into it. */
export const numberless = 0

interface HeadRow {
  size: number
  root: Uint8Array
  recorded_at: string
  note_size: number
  note: string | null
}

export class LogStates {
  readonly #storeName: string
  readonly #known = new Map<string, LogState>()
  readonly #selectLog: StatementSync
  readonly #selectHead: StatementSync
  readonly #insertLog: StatementSync
  readonly #selectEdge: StatementSync
  readonly #selectRoots: StatementSync

  constructor(db: DatabaseSync, storeName: string) {
    this.#storeName = storeName
    this.#selectLog = db.prepare('SELECT log, origin FROM log WHERE tenant = ?')
    this.#selectHead = db.prepare('SELECT size, root, recorded_at, note_size, note FROM head WHERE log = ?')
    this.#insertLog = db.prepare(
      'INSERT INTO log (log, tenant, origin, created_at) SELECT coalesce(max(log), 0) + 1, ?, ?, ? FROM log RETURNING log',
    )
    this.#selectEdge = db.prepare(
      'SELECT entry, leaf_hash FROM entry WHERE position >= ? AND position < ? ORDER BY position',
    )
    this.#selectRoots = db.prepare('SELECT root FROM tile WHERE log = ? AND level = ? AND n >= ? AND n < ? ORDER BY n')
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
    if (head === undefined) throw corrupt(tenant, 'it has no head')
    if (
      known !== undefined &&
      known.rightEdge.edge.size === head.size &&
      sameHash(rightEdgeRoot(known.rightEdge), head.root)
    )
      return known
    const rightEdge = known === undefined ? this.#load(row.log, tenant, head) : this.#catchUp(known, head)
    const state = { log: row.log, tenant, origin: row.origin, recordedAt: head.recorded_at, rightEdge, isNew: false }
    this.remember(state)
    return state
  }

  /** A state whose entries were rolled back must not stay: after a commit, or forgotten by `rolledBack`. */
  remember(state: LogState): void {
    this.#known.delete(state.tenant)
    this.#known.set(state.tenant, state)
    if (this.#known.size > storeLimits.edgesMax) this.#known.delete(this.#known.keys().next().value!)
  }

  /** What was loaded may have seen entries of the transaction itself, when a batch was split: all is loaded anew. */
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

  /** From what is stored, believing none of it. */
  #load(log: number, tenant: string, head: HeadRow): RightEdge {
    if (head.size === 0) return emptyRightEdge
    const partial: Hash[][] = []
    for (let level = 0; level < tileLevels(head.size); level++) {
      const width = partialWidth(head.size, level)
      const first = Math.floor(head.size / 256 ** (level + 1)) * 256
      partial.push(
        level === 0 ? this.#hashEntries(log, tenant, first, width) : this.#roots(log, level - 1, first, width),
      )
      if (partial[level]!.length !== width)
        throw corrupt(tenant, `tile level ${level} ends before its size ${head.size}`)
    }
    const rightEdge = rightEdgeFrom(head.size, partial)
    if (!sameHash(rightEdgeRoot(rightEdge), head.root))
      throw corrupt(tenant, `its entries do not give the root of its head`)
    if (head.note !== null && head.note_size === head.size) {
      const { root, size } = parseCheckpoint(parseNote(head.note).text)
      if (size !== head.size || !sameHash(root, head.root)) throw corrupt(tenant, 'its checkpoint names another root')
    }
    return rightEdge
  }

  /** Another process has appended: its entries must extend what this one knows. */
  #catchUp(known: LogState, head: HeadRow): RightEdge {
    const { size } = known.rightEdge.edge
    if (head.size < size) throw corrupt(known.tenant, `it had ${size} entries and has ${head.size}`)
    const hashes = this.#hashEntries(known.log, known.tenant, size, head.size - size)
    const { rightEdge } = extendRightEdge(known.rightEdge, hashes)
    if (!sameHash(rightEdgeRoot(rightEdge), head.root))
      throw corrupt(known.tenant, 'it does not extend what was appended before')
    return rightEdge
  }

  #hashEntries(log: number, tenant: string, from: number, count: number): Hash[] {
    const rows = this.#selectEdge.all(positionOf(log, from), positionOf(log, from + count)) as {
      entry: Uint8Array
      leaf_hash: Uint8Array
    }[]
    return rows.map((row, i) => {
      const hash = leafHash(row.entry)
      if (!sameHash(hash, row.leaf_hash)) throw corrupt(tenant, `the entry at index ${from + i} was changed`)
      return hash
    })
  }

  #roots(log: number, level: number, from: number, count: number): Hash[] {
    return this.#selectRoots.all(log, level, from, from + count).map((row) => row['root'] as Uint8Array)
  }
}

const corrupt = (tenant: string, what: string): AuditError =>
  new AuditError(
    'store_corrupt',
    `The log of tenant ${JSON.stringify(tenant)} contradicts itself: ${what}. Nothing is appended to it.`,
    {
      hint: 'run auditproof verify',
    },
  )
