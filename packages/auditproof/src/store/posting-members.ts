/** Which entries, or which nodes below, a stored posting names; none where it cannot be read. */
import { decodeOffsets, leafWidth, nodeWidth } from './offsets.ts'

export function membersOf(stored: string | number): number[] {
  if (typeof stored === 'number') return children.filter((i) => (stored & (1 << i)) !== 0)
  // As encoded, no list is longer; what looks like one could stand for millions of places.
  return stored.length <= 2 * leafWidth && offsetsGrammar.test(stored) ? decodeOffsets(stored) : []
}

const children = Array.from({ length: nodeWidth }, (_, i) => i)
const offsetsGrammar = /^(?:[0-9A-Za-z_~]{2}|\.[0-9A-Za-z_~]{4})*$/
