/** The search index while entries go in: leaves, and the range of time of each. Inside an open write transaction. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { decodeOffsets, encodeForAppending, encodeOffsets, leafWidth, nodeWidth } from '../offsets.ts'
import { LogPostings } from '../log-postings.ts'

export class PostingRows {
  readonly #add: StatementSync
  readonly #extend: StatementSync
  readonly #select: StatementSync
  readonly #replace: StatementSync
  readonly #delete: StatementSync
  readonly #selectNode: StatementSync
  readonly #selectCarrying: StatementSync
  readonly #addChild: StatementSync
  readonly #removeChild: StatementSync
  readonly #deleteChildless: StatementSync

  constructor(db: DatabaseSync) {
    // A run that ends with the offset before goes on, two single offsets before become one: keys that all events have stay
    // short, also where events come one by one. The four characters before the end are two offsets or a run of two, which
    // is never written.
    this.#add = db.prepare(
      `INSERT INTO posting (log, leaf, key, offsets) VALUES (?1, ?2, ?3, ?4)
       ON CONFLICT DO UPDATE SET offsets = CASE
         WHEN substr(offsets, -5, 1) = '.' AND substr(offsets, -2) = ?5 THEN substr(offsets, 1, length(offsets) - 2) || ?7 || ?8
         WHEN substr(offsets, -4) = ?6 || ?5 AND ?6 <> '' THEN substr(offsets, 1, length(offsets) - 4) || '.' || ?6 || ?7 || ?8
         ELSE offsets || ?4 END`,
    )
    this.#extend = db.prepare(
      `INSERT INTO node (log, level, n, earliest, latest) VALUES (?, 0, ?, ?, ?)
       ON CONFLICT DO UPDATE SET earliest = min(earliest, excluded.earliest), latest = max(latest, excluded.latest)`,
    )
    this.#select = db.prepare('SELECT offsets FROM posting WHERE log = ? AND leaf = ? AND key = ?')
    this.#replace = db.prepare(
      'INSERT INTO posting (log, leaf, key, offsets) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET offsets = excluded.offsets',
    )
    this.#delete = db.prepare('DELETE FROM posting WHERE log = ? AND leaf = ? AND key = ?')
    this.#selectNode = db.prepare('SELECT 1 FROM node WHERE log = ? AND level = ? AND n = ?')
    this.#selectCarrying = db.prepare('SELECT 1 FROM carrying WHERE log = ? AND level = ? AND n = ?')
    this.#addChild = db.prepare(
      `INSERT INTO carried (log, level, n, key, children) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET children = children | excluded.children`,
    )
    this.#removeChild = db.prepare(
      'UPDATE carried SET children = children & ~? WHERE log = ? AND level = ? AND n = ? AND key = ?',
    )
    this.#deleteChildless = db.prepare(
      'DELETE FROM carried WHERE log = ? AND level = ? AND n = ? AND key = ? AND children = 0',
    )
  }

  of(log: number): LogPostings {
    return new LogPostings({
      add: (leaf, key, offsets) => {
        const { text, beforeFirst, twoBeforeFirst, lastOfRun, rest } = encodeForAppending(offsets)
        this.#add.run(log, leaf, key, text, beforeFirst, twoBeforeFirst, lastOfRun, rest)
      },
      extend: (leaf, earliest, latest) => void this.#extend.run(log, leaf, earliest, latest),
    })
  }

  /** An entry that is in the index already loses a key. */
  remove(log: number, index: number, key: string): void {
    const leaf = Math.floor(index / leafWidth)
    const offsets = this.#offsets(log, leaf, key)
    const left = offsets.filter((offset) => offset !== index % leafWidth)
    if (left.length === offsets.length) return
    if (left.length > 0) this.#replace.run(log, leaf, key, encodeOffsets(left))
    else {
      this.#delete.run(log, leaf, key)
      this.#removeAbove(log, 1, leaf, key)
    }
  }

  /** An entry that is in the index already gets a key. */
  insert(log: number, index: number, key: string): void {
    const leaf = Math.floor(index / leafWidth)
    const offsets = new Set(this.#offsets(log, leaf, key)).add(index % leafWidth)
    this.#replace.run(log, leaf, key, encodeOffsets([...offsets].sort((a, b) => a - b)))
    for (let level = 1, n = leaf; ; level++) {
      const child = n % nodeWidth
      n = Math.floor(n / nodeWidth)
      if (!this.#isThere(log, level, n)) return
      this.#addChild.run(log, level, n, key, 2 ** child)
    }
  }

  #removeAbove(log: number, level: number, child: number, key: string): void {
    const n = Math.floor(child / nodeWidth)
    const { changes } = this.#removeChild.run(2 ** (child % nodeWidth), log, level, n, key)
    if (changes === 0) return
    if (this.#deleteChildless.run(log, level, n, key).changes > 0) this.#removeAbove(log, level + 1, n, key)
  }

  /** Made, or being made. */
  #isThere(log: number, level: number, n: number): boolean {
    return (this.#selectNode.get(log, level, n) ?? this.#selectCarrying.get(log, level, n)) !== undefined
  }

  #offsets(log: number, leaf: number, key: string): number[] {
    return decodeOffsets((this.#select.get(log, leaf, key)?.['offsets'] as string | undefined) ?? '')
  }
}
