/**
 * Entry bundles of C2SP tlog-tiles: the entries under a tile of level 0, one after the other, each after its length as
 * a big-endian uint16.
 */
import { AuditError, assert } from '../errors.ts'
import { tileWidthMax } from './tile.ts'

/** The most a uint16 can say. */
export const entryBytesMax = 65_535

export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  assert(entries.length >= 1 && entries.length <= tileWidthMax, `a bundle of ${entries.length} entries`)
  let length = 0
  for (const entry of entries) {
    if (entry.length > entryBytesMax)
      throw new AuditError('entry_malformed', `an entry of ${entry.length} bytes; at most ${entryBytesMax} fit`)
    length += 2 + entry.length
  }
  const bundle = new Uint8Array(length)
  let at = 0
  for (const entry of entries) {
    bundle[at++] = entry.length >> 8
    bundle[at++] = entry.length & 0xff
    bundle.set(entry, at)
    at += entry.length
  }
  return bundle
}

/** The entries of a bundle of exactly this width, as views into it. */
export function decodeEntryBundle(bundle: Uint8Array, width: number): Uint8Array[] {
  const entries: Uint8Array[] = []
  let at = 0
  while (at < bundle.length) {
    const start = at + 2
    const end = start + bundle[at]! * 256 + (bundle[at + 1] ?? 0)
    if (end > bundle.length) throw new AuditError('tile_malformed', `entry ${entries.length} of a bundle is cut off`)
    entries.push(bundle.subarray(start, end))
    at = end
  }
  if (entries.length !== width)
    throw new AuditError('tile_malformed', `a bundle of ${entries.length} entries where ${width} belong`)
  return entries
}
