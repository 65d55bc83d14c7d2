/** Stored entries as steps of a stream, with gaps where the store gives none; bounded in number and in bytes. */
import type { LogHead, Store } from '../../store/store.ts'
import { followLimits } from '../limits.ts'
import { Item } from './item.ts'

/** Indexes `from` to `to`, exclusive, of one log, as `row` of the feed brings them. */
export interface Stretch {
  readonly row: number
  readonly from: number
  readonly to: number
}

/** @returns at least one item of a stretch that holds any, and the index behind the last */
export async function readItems(
  store: Store,
  head: LogHead,
  { row, from, to }: Stretch,
  bytesMax: number,
): Promise<{ items: Item[]; to: number; bytes: number }> {
  const items: Item[] = []
  let bytes = 0
  let next = from
  const addGap = (until: number): void => {
    // What is missing on both sides of two reads is one gap.
    const first = items.at(-1)?.gap === undefined ? next : items.pop()!.at.index
    const what = { tenant: head.tenant, from: first, to: until, reason: 'missing' } as const
    items.push(new Item(head, { row, index: first }, { row, index: until }, what))
    next = until
  }
  while (next < to && bytes < bytesMax) {
    const end = Math.min(to, next + eventsWithin(bytesMax, bytes, next - from))
    const stored = await store.entries(head.log, next, end)
    for (const entry of stored) {
      if (entry.index > next) addGap(entry.index)
      next = entry.index + 1
      const item = new Item(head, { row, index: entry.index }, { row, index: next }, entry)
      items.push(item)
      bytes += item.bytes
    }
    if (stored.length === 0) addGap(end)
  }
  return { items, to: next, bytes }
}

/** How many are asked for: as many as fit if they are like those before, which are not known at first. */
const eventsWithin = (bytesMax: number, bytes: number, events: number): number =>
  bytes === 0 ? Math.max(followLimits.readFirstEvents, events) : Math.ceil((bytesMax - bytes) / (bytes / events))
