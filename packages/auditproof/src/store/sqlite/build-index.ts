/**
 * What of the search index is built behind the log, piece by piece, so that no piece holds up an append: the words and
 * changed fields of entries, the times of full leaves, and the levels above. Inside an open write transaction.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { microseconds } from '../../event/index.ts'
import { laterKeysOf } from '../later-keys.ts'
import { storeLimits } from '../limits.ts'
import { leafWidth, nodeWidth } from '../offsets.ts'
import { indexOf, positionOf } from './place.ts'
import { PostingRows } from './postings.ts'

interface Waiting {
  log: number
  size: number
  indexed: number
}

interface Carrying {
  log: number
  level: number
  n: number
  after_key: string
}

export class IndexBuilder {
  readonly #postings: PostingRows
  readonly #selectWaiting: StatementSync
  readonly #selectCount: StatementSync
  readonly #selectContent: StatementSync
  readonly #updateIndexed: StatementSync
  readonly #selectTimes: StatementSync
  readonly #insertTimes: StatementSync
  readonly #selectCarrying: StatementSync
  readonly #beginCarrying: StatementSync
  readonly #goOnCarrying: StatementSync
  readonly #endCarrying: StatementSync
  readonly #insertNode: StatementSync
  readonly #coverNodes: StatementSync
  /** Round robin: the log that was worked on last. */
  #lastLog = 0
  readonly #carry: { leaves: Carry; nodes: Carry }

  constructor(db: DatabaseSync) {
    this.#postings = new PostingRows(db)
    this.#selectWaiting = db.prepare(
      'SELECT log, size, indexed FROM head WHERE size > indexed AND log > ? ORDER BY log LIMIT 1',
    )
    this.#selectCount = db.prepare('SELECT coalesce(sum(size - indexed), 0) AS n FROM head WHERE size > indexed')
    this.#selectContent = db.prepare(
      'SELECT entry.position, entry, disclosures FROM entry LEFT JOIN content USING (position) WHERE entry.position >= ? AND entry.position < ? ORDER BY entry.position',
    )
    this.#updateIndexed = db.prepare('UPDATE head SET indexed = ? WHERE log = ?')
    this.#selectTimes = db.prepare(
      'SELECT occurred_at FROM content WHERE position >= ? AND position < ? ORDER BY position',
    )
    this.#insertTimes = db.prepare('INSERT INTO leaf_times (position, times) VALUES (?, ?) ON CONFLICT DO NOTHING')
    this.#selectCarrying = db.prepare('SELECT log, level, n, after_key FROM carrying LIMIT 1')
    this.#beginCarrying = db.prepare("INSERT INTO carrying (log, level, n, after_key) VALUES (?, ?, ?, '')")
    this.#goOnCarrying = db.prepare('UPDATE carrying SET after_key = ? WHERE log = ?')
    this.#endCarrying = db.prepare('DELETE FROM carrying WHERE log = ?')
    this.#insertNode = db.prepare(
      `INSERT INTO node (log, level, n, earliest, latest) SELECT ?1, ?2 + 1, ?3, min(earliest), max(latest) FROM node
       WHERE log = ?1 AND level = ?2 AND n >= ?3 * ${nodeWidth} AND n < (?3 + 1) * ${nodeWidth}`,
    )
    this.#coverNodes = db.prepare(
      `UPDATE node SET top = 0 WHERE log = ?1 AND level = ?2 AND n >= ?3 * ${nodeWidth} AND n < (?3 + 1) * ${nodeWidth}`,
    )
    this.#carry = { leaves: new Carry(db, 'posting'), nodes: new Carry(db, 'carried') }
  }

  /** @returns entries that still wait; at least 1 while anything is left to do */
  build(): number {
    const carrying = this.#selectCarrying.get() as unknown as Carrying | undefined
    if (carrying !== undefined) {
      this.#carryOn(carrying)
      return this.#left()
    }
    for (let room: number = storeLimits.indexEntriesMax; room > 0;) {
      const waiting = this.#nextWaiting()
      if (waiting === undefined) break
      this.#lastLog = waiting.log
      room -= this.#addWords(waiting, room)
      if (this.#selectCarrying.get() !== undefined) break
    }
    return this.#left()
  }

  #nextWaiting(): Waiting | undefined {
    const next = (after: number): Waiting | undefined =>
      this.#selectWaiting.get(after) as unknown as Waiting | undefined
    return next(this.#lastLog) ?? next(0)
  }

  /** Entries that wait; where none does and a level above is still being made, 1. */
  #left(): number {
    const waiting = this.#selectCount.get()!['n'] as number
    return waiting === 0 && this.#selectCarrying.get() !== undefined ? 1 : waiting
  }

  /** To the end of a leaf at most: there something else is to be done. */
  #addWords({ log, size, indexed }: Waiting, room: number): number {
    const endOfLeaf = (Math.floor(indexed / leafWidth) + 1) * leafWidth
    const to = Math.min(size, indexed + room, endOfLeaf)
    const postings = this.#postings.of(log)
    const rows = this.#selectContent.all(positionOf(log, indexed), positionOf(log, to)) as {
      position: number
      entry: Uint8Array
      disclosures: string | null
    }[]
    for (const row of rows) postings.addKeys(indexOf(row.position), laterKeysOf(row.entry, row.disclosures))
    postings.write()
    this.#updateIndexed.run(to, log)
    if (to === endOfLeaf) this.endLeaf(log, Math.floor(indexed / leafWidth))
    return to - indexed
  }

  /** All of its entries are in the index: keeps their times side by side, and goes on to the node above. */
  endLeaf(log: number, leaf: number): void {
    const from = positionOf(log, leaf * leafWidth)
    const rows = this.#selectTimes.all(from, from + leafWidth) as { occurred_at: string }[]
    if (rows.length === leafWidth) {
      const times = Float64Array.from(rows, (row) => microseconds(row.occurred_at))
      this.#insertTimes.run(from, new Uint8Array(times.buffer))
    }
    this.#endOf(log, 0, leaf)
  }

  /** A node is full when the last of those below it is. */
  #endOf(log: number, level: number, n: number): void {
    if ((n + 1) % nodeWidth === 0) this.#beginCarrying.run(log, level + 1, Math.floor(n / nodeWidth))
  }

  #carryOn({ log, level, n, after_key }: Carrying): void {
    const carry = level === 1 ? this.#carry.leaves : this.#carry.nodes
    const upTo = carry.run(log, level, n, after_key)
    if (upTo !== undefined) {
      this.#goOnCarrying.run(upTo, log)
      return
    }
    this.#insertNode.run(log, level - 1, n)
    this.#coverNodes.run(log, level - 1, n)
    this.#endCarrying.run(log)
    this.#endOf(log, level, n)
  }
}

/** Makes of the keys of 32 nodes those of the one above, a range of keys at a time. */
class Carry {
  readonly #selectEnd: StatementSync
  readonly #insertUpTo: StatementSync
  readonly #insertRest: StatementSync
  readonly #level: boolean

  constructor(db: DatabaseSync, table: 'posting' | 'carried') {
    const column = table === 'posting' ? 'leaf' : 'n'
    this.#level = table === 'carried'
    const below = table === 'carried' ? 'level = ?4 - 1 AND ' : ''
    // A piece takes at most so many keys of each of the 32, also where one comes after the other as ids in order of time do.
    const each = Array.from({ length: nodeWidth }, (_, i) => `(?2 * ${nodeWidth} + ${i})`).join(', ')
    this.#selectEnd = db.prepare(
      `WITH child (n) AS (VALUES ${each})
       SELECT min((SELECT key FROM ${table} WHERE log = ?1 AND ${below}${column} = child.n AND key > ?3
         ORDER BY key LIMIT 1 OFFSET ${Math.floor(storeLimits.indexKeysMax / nodeWidth) - 1})) AS key FROM child`,
    )
    const children = Array.from({ length: nodeWidth }, (_, i) => `?2 * ${nodeWidth} + ${i}`).join(', ')
    // Both ends of the range stand as they are in the condition, so that each of the 32 is entered and left by its index.
    const insert = (upTo: string): StatementSync =>
      db.prepare(
        `INSERT INTO carried (log, level, n, key, children)
         SELECT ?1, ?4, ?2, key, sum(1 << (${column} & ${nodeWidth - 1})) FROM ${table}
         WHERE log = ?1 AND ${below}${column} IN (${children}) AND key > ?3 ${upTo}
         GROUP BY key ORDER BY key
         ON CONFLICT DO UPDATE SET children = children | excluded.children`,
      )
    this.#insertUpTo = insert('AND key <= ?5')
    this.#insertRest = insert('')
  }

  /** @returns the last key that was carried; undefined when that was all */
  run(log: number, level: number, n: number, afterKey: string): string | undefined {
    const row = this.#selectEnd.get(log, n, afterKey, ...(this.#level ? [level] : []))
    const end = (row?.['key'] ?? undefined) as string | undefined
    if (end === undefined) this.#insertRest.run(log, n, afterKey, level)
    else this.#insertUpTo.run(log, n, afterKey, level, end)
    return end
  }
}
