/** What the meta log gets: the newest checkpoints of logs as they are published, word for word. */
import { leafHash } from '../log/index.ts'
import type { LogState } from './append-plan.ts'
import { extendRightEdge, rightEdgeRoot, type FullTile } from './right-edge.ts'

export interface MetaEntry {
  index: number
  id: string
  entry: Uint8Array
  leafHash: Uint8Array
}

export interface PlannedMeta {
  before: LogState
  after: LogState
  root: Uint8Array
  entries: MetaEntry[]
  tiles: FullTile[]
}

/** @param before the meta log, as it stands inside the transaction */
export function planMeta(
  before: LogState,
  checkpoints: readonly { origin: string; note_size: number; note: string }[],
  now: string,
): PlannedMeta {
  const entries = checkpoints.map(({ origin, note_size, note }, i) => {
    const entry = new TextEncoder().encode(note)
    const index = before.rightEdge.edge.size + i
    return { index, id: `${origin.slice(-16)}:${note_size}`, entry, leafHash: leafHash(entry) }
  })
  const { rightEdge, tiles } = extendRightEdge(
    before.rightEdge,
    entries.map((entry) => entry.leafHash),
  )
  const after = { ...before, rightEdge, recordedAt: now > before.recordedAt ? now : before.recordedAt }
  return { before, after, root: rightEdgeRoot(rightEdge), entries, tiles }
}
