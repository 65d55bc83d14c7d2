/**
 * One leaf of the search index: what its entries are found by, derived from them, against what is stored. Every key,
 * every place, none too many.
 */
import { AuditError } from '../errors.ts'
import {
  compareKeys, decodeEntry, erasedKey, laterSearchKeys, microseconds, openDisclosures, searchKeys, searchKinds,
} from '../event/index.ts' // prettier-ignore
import type { ClearMembers, GroupValues } from '../event/index.ts'
import { KeyDigest } from './key-digest.ts'
import type { EntryRow, IndexClaim, PostingRow } from './rows.ts'

/** Where the index disagrees with an entry, in words that do not repeat what the event says. */
export interface Difference {
  /** Undefined where it lies at no entry. */
  index: number | undefined
  what: string
}

export class LeafCheck {
  readonly n: number
  readonly #first: number
  /** Places below this one are compared, and of what is built behind the log those below the other. */
  readonly #end: number
  readonly #laterEnd: number
  readonly #width: number
  /** By key, the places that the entries give; a key that was compared is taken out. */
  readonly #places = new Map<string, number[]>()
  /** Places of entries that cannot be read. */
  readonly #unknown = new Set<number>()
  readonly #times: Float64Array
  #keys = 0
  #lastKey = ''
  #difference: Difference | undefined
  #differences = 0
  readonly #digest = new KeyDigest()
  #ahead = -1
  #laterAhead = -1

  constructor(n: number, { size, indexedSize, leafWidth }: IndexClaim) {
    this.n = n
    this.#first = n * leafWidth
    this.#width = leafWidth
    this.#end = Math.min(leafWidth, size - this.#first)
    this.#laterEnd = Math.max(0, Math.min(this.#end, indexedSize - this.#first))
    this.#times = new Float64Array(this.#end).fill(Number.NaN)
  }

  /** Whether all that belongs into it is to be there. */
  get isBuilt(): boolean {
    return this.#laterEnd === this.#width
  }

  /** Keys derived. */
  get keys(): number {
    return this.#keys
  }

  /** Indexes that stored places name beyond what is compared, the largest of each kind; -1 for none. */
  get ahead(): { any: number; later: number } {
    return { any: this.#ahead, later: this.#laterAhead }
  }

  /** One hash for all its keys, once `finish` was called. */
  digest = ''

  /** The range of occurredAt; undefined where an entry cannot be read. */
  get range(): { earliest: number; latest: number } | undefined {
    let [earliest, latest] = [Infinity, -Infinity]
    for (const time of this.#times) {
      if (Number.isNaN(time)) return undefined
      if (time < earliest) earliest = time
      if (time > latest) latest = time
    }
    return { earliest, latest }
  }

  /** @param values undefined where its disclosures cannot be read */
  addEvent(index: number, clear: ClearMembers, values: Partial<GroupValues> | undefined, isErased: boolean): void {
    const place = index - this.#first
    this.#times[place] = microseconds(clear.occurredAt)
    if (values === undefined) return this.addUnknown(index)
    try {
      const keys = searchKeys(clear, values)
      const laterKeys = place < this.#laterEnd ? laterSearchKeys(clear, values) : none
      this.#add(place, keys)
      this.#add(place, laterKeys)
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      this.addUnknown(index)
      this.#differ(place, undefined, 'cannot be compared: what the event discloses has not the shape of one')
    }
    if (isErased) this.#add(place, [erasedKey])
  }

  addUnknown(index: number): void {
    this.#unknown.add(index - this.#first)
  }

  /** An entry that was read anew. */
  addStored({ index, entry, content }: EntryRow, isErased: boolean): void {
    try {
      const clear = decodeEntry(entry)
      this.addEvent(index, clear, content && openDisclosures(clear.digests, content.disclosures).values, isErased)
    } catch (error) {
      if (!(error instanceof AuditError)) throw error
      this.addUnknown(index)
    }
  }

  /** What is stored, in the order of keys, after all entries. @returns false where it stands in no such order */
  addRows(rows: readonly PostingRow[]): boolean {
    for (const { key, members } of rows) {
      if (compareKeys(this.#lastKey, key) >= 0) {
        this.#differ(members[0], key, 'has it under a key that is none')
        return false
      }
      this.#lastKey = key
      this.#digest.add(key)
      this.#compare(key, members)
    }
    return true
  }

  /** @param stored occurredAt of each entry, where they are stored a second time */
  finish(stored: Float64Array | undefined): Difference | undefined {
    for (const [key, places] of this.#places) for (const place of places) this.#lack(place, key)
    this.digest = this.#digest.finish()
    if (stored !== undefined && !this.isBuilt) this.#laterAhead = this.#first + this.#width - 1
    else if (this.isBuilt) this.#compareTimes(stored)
    if (this.#difference === undefined) return undefined
    const { index, what } = this.#difference
    const more = this.#differences - 1
    return { index, what: more === 0 ? what : `${what}; ${more} more in the ${this.#width} entries around it` }
  }

  #add(place: number, keys: readonly string[]): void {
    for (const key of keys) {
      const places = this.#places.get(key)
      if (places === undefined) this.#places.set(key, [place])
      else if (places[places.length - 1] === place) continue // an event may have it twice
      else places.push(place)
      this.#keys += 1
    }
  }

  #compare(key: string, stored: readonly number[]): void {
    const derived = this.#places.get(key) ?? none
    this.#places.delete(key)
    if (stored.length > 0 && isSame(stored, derived)) return
    const left = new Set(derived)
    const end = isLaterKey(key) ? this.#laterEnd : this.#end
    let previous = -1
    for (const place of stored) {
      if (place <= previous) this.#differ(place, key, 'has it twice or out of order')
      previous = place
      if (place >= end) this.#isAhead(place)
      else if (!left.delete(place) && !this.#unknown.has(place))
        this.#differ(place, key, 'has it, the event has it not')
    }
    if (stored.length === 0) this.#differ(derived[0], key, 'has it for no entry at all')
    for (const place of left) this.#lack(place, key)
  }

  #lack(place: number, key: string): void {
    this.#differ(place, key, 'does not have it, so a search would miss the event')
  }

  #isAhead(place: number): void {
    const index = this.#first + place
    if (place >= this.#end) this.#ahead = Math.max(this.#ahead, index)
    else this.#laterAhead = Math.max(this.#laterAhead, index)
  }

  #compareTimes(stored: Float64Array | undefined): void {
    if (stored?.length !== this.#width) return this.#differ(0, undefined, 'does not have its time')
    for (const [place, time] of this.#times.entries())
      if (!Number.isNaN(time) && stored[place] !== time) this.#differ(place, undefined, 'has another time for it')
  }

  /** The first of them is told: of those at an entry, or, where there is none, of the others. */
  #differ(place: number | undefined, key: string | undefined, how: string): void {
    this.#differences += 1
    const index = place === undefined ? undefined : this.#first + Math.max(0, Math.min(place, this.#end - 1))
    const known = this.#difference
    if (known !== undefined && (index ?? Infinity) >= (known.index ?? Infinity)) return
    this.#difference = { index, what: `${key === undefined ? '' : `${kindOf(key)}: `}the search index ${how}` }
  }
}

const none: readonly never[] = []

function isSame(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

const isLaterKey = (key: string): boolean => key[0] === searchKinds.word || key[0] === searchKinds.changed

/** In words, without what it says: that may be somebody's name. */
export const kindOf = (key: string): string =>
  Object.entries(searchKinds).find(([, letter]) => letter === key[0])?.[0] ?? 'a key of no kind'
