/** What followers are given: events in order, and gaps where some are missing. */
import {
  decodeEntry, erasedKey, laterSearchKeys, microseconds, openDisclosures, searchKeys,
} from '../../event/index.ts' // prettier-ignore
import { isInTime, meets, type Selection } from '../../store/search.ts'
import type { LogHead, StoredEntry } from '../../store/store.ts'
import { openEvent, type ReadEvent } from '../event.ts'
import type { Position } from './position.ts'

/** Indexes `from` to `to`, exclusive, that the store no longer gives. */
export interface Gap {
  readonly tenant: string
  readonly from: number
  readonly to: number
  readonly reason: 'missing'
}

/** One step of a stream; opened once, however many follow. */
export class Item {
  /** Where a follower stands behind it. */
  readonly next: Position
  readonly at: Position
  readonly gap: Gap | undefined
  /** What is held of it: entry and disclosures. */
  readonly bytes: number
  readonly #stored: StoredEntry | undefined
  readonly #head: Pick<LogHead, 'tenant' | 'origin'>
  #event: ReadEvent | undefined
  #keys: ReadonlySet<string> | undefined

  constructor(head: Pick<LogHead, 'tenant' | 'origin'>, at: Position, next: Position, what: StoredEntry | Gap) {
    this.#head = head
    this.at = at
    this.next = next
    if ('reason' in what) this.gap = what
    else this.#stored = what
    this.bytes = this.#stored === undefined ? 0 : bytesOf(this.#stored)
  }

  endingAt(next: Position): Item {
    return new Item(this.#head, this.at, next, this.gap ?? this.#stored!)
  }

  get event(): ReadEvent {
    this.#event ??= openEvent(this.#stored!, this.#head)
    return this.#event
  }

  /** Also what contradicts itself: nobody can tell what it was, and who tampers must not choose who sees it. */
  isSelected(selection: Selection): boolean {
    if (this.event.problem !== undefined) return true
    return (
      meets(this.#searchKeys(), selection.conditions) && isInTime(selection, microseconds(this.event.occurredAt ?? ''))
    )
  }

  #searchKeys(): ReadonlySet<string> {
    this.#keys ??= keysOf(this.#stored!)
    return this.#keys
  }
}

const bytesOf = ({ entry, content }: StoredEntry): number =>
  (content?.disclosures ?? []).reduce((sum, disclosure) => sum + disclosure.length, entry.length)

/** Of what opened without a contradiction. */
function keysOf({ entry, content }: StoredEntry): ReadonlySet<string> {
  const clear = decodeEntry(entry)
  const { values, missing, missingChanges } = openDisclosures(clear.digests, content?.disclosures ?? [])
  const keys = new Set([...searchKeys(clear, values), ...laterSearchKeys(clear, values)])
  return missing.length > 0 || missingChanges > 0 ? keys.add(erasedKey) : keys
}
