/**
 * Erasures of one log, both ways: each group that is recorded as erased must be named by the `audit.erase` event that
 * the row points to, and what such an event names must be recorded as erased.
 */
import { groups, type ErasedContent, type Group } from '../event/index.ts'
import type { Findings } from './findings.ts'
import type { ErasedGroups } from './row-check.ts'
import type { ErasureRow } from './rows.ts'

const none: ReadonlySet<Group> = new Set()
const nothingErased: ErasedGroups = { groups: none, late: none }

export class ErasureCheck {
  /** Size of the log when the check began: what was recorded later may be seen or not. */
  readonly #size: number
  readonly #findings: Findings
  /** By index and group, the event that erased it; -1 once that event was seen to name it. */
  readonly #by = new Map<number, number>()
  /** Of the entries that come next. */
  #next = new Map<number, { groups: Set<Group>; late: Set<Group> }>()
  #lastBy = -1
  #count = 0

  constructor(size: number, findings: Findings) {
    this.#size = size
    this.#findings = findings
  }

  get count(): number {
    return this.#count
  }

  /** The newest event that a row names. */
  get lastBy(): number {
    return this.#lastBy
  }

  /** All rows of the entries that are looked at next, read after those entries. */
  expect(rows: readonly ErasureRow[]): void {
    this.#next = new Map()
    for (const row of rows) this.#expectOne(row)
  }

  of(index: number): ErasedGroups {
    return this.#next.get(index) ?? nothingErased
  }

  /** An `audit.erase` event and what it names. */
  recorded(index: number, items: readonly ErasedContent[]): void {
    const named = items.flatMap((item) => item.groups.map((group) => ({ index: item.index, group })))
    // Anybody may record an event of this action. Where no row points to it, nothing was erased by it.
    const erasing = named.some((one) => this.#by.get(keyOf(one.index, one.group)) === index)
    if (!erasing) return
    for (const one of named) {
      const key = keyOf(one.index, one.group)
      const by = this.#by.get(key)
      if (by === index) this.#by.set(key, -1)
      else if (by === undefined || by > index)
        this.#findings.seenAt(one.index, 'erasures', `event ${index} erased its ${one.group}, and no row says so`, 2)
    }
  }

  /** The event at `index` records an erasure or a new log, and is never erased itself. */
  mustNotBeErased(index: number): void {
    if (this.#next.has(index))
      this.#findings.seenAt(index, 'erasures', 'it records what must outlive everything, and is marked as erased')
  }

  finish(): void {
    for (const [key, by] of this.#by)
      if (by >= 0) {
        const [index, group] = placeOf(key)
        this.#findings.seenAt(
          index,
          'erasures',
          `its ${group} is marked as erased by event ${by}, which does not record that`,
          2,
        )
      }
  }

  #expectOne({ index, group, by }: ErasureRow): void {
    this.#count += 1
    this.#lastBy = Math.max(this.#lastBy, by)
    if (!groups.includes(group))
      return this.#findings.seenAt(index, 'erasures', `${JSON.stringify(group)} is marked as erased`)
    if (by <= index)
      return this.#findings.seenAt(
        index,
        'erasures',
        `its ${group} is marked as erased by event ${by}, before it was there`,
      )
    let erased = this.#next.get(index)
    if (erased === undefined) this.#next.set(index, (erased = { groups: new Set(), late: new Set() }))
    erased.groups.add(group)
    if (by >= this.#size) erased.late.add(group)
    else this.#by.set(keyOf(index, group), by)
  }
}

const keyOf = (index: number, group: Group): number => index * 8 + groups.indexOf(group)
const placeOf = (key: number): [number, Group] => [Math.floor(key / 8), groups[key % 8]!]
