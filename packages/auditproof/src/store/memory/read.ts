/** Reading: everything that is handed out is a copy, as it would be from a database. */
import { AuditError } from '../../errors.ts'
import { hashFromTile, tileOfNode, tileWidth, type Hash, type Node } from '../../log/index.ts'
import { storeLimits } from '../limits.ts'
import { joinHashes, rightEdgeRoot } from '../right-edge.ts'
import type { LogHead, Place, StoredContent, StoredEntry, StoredErasure, StoredTile } from '../store.ts'
import type { MemoryData, MemoryLog } from './data.ts'

export function headOfLog(log: MemoryLog): LogHead {
  const { tenant, origin, rightEdge, recordedAt, published, metaSize, indexedSize } = log
  const head = {
    log: log.log,
    tenant,
    origin,
    size: rightEdge.edge.size,
    root: rightEdgeRoot(rightEdge),
    recordedAt,
    metaSize,
    indexedSize,
  }
  return { ...head, published: published && { ...published } }
}

export function entriesOf(log: MemoryLog | undefined, from: number, to: number): StoredEntry[] {
  const end = Math.min(to, from + storeLimits.readEntriesMax)
  return (log?.entries ?? []).slice(Math.max(0, from), Math.max(0, end)).map((stored) => ({
    ...stored,
    entry: stored.entry.slice(),
    leafHash: stored.leafHash.slice(),
    content: stored.content && copyContent(stored.content),
  }))
}

const copyContent = ({ summary, disclosures }: StoredContent): StoredContent => ({
  summary: { ...summary },
  disclosures: [...disclosures],
})

export function placesOf(data: MemoryData, id: string, tenant: string | undefined): Place[] {
  return data.logs.flatMap((log): Place[] => {
    const index = log.indexById.get(id)
    const wanted = tenant === undefined || tenant === log.tenant
    return wanted && index !== undefined ? [{ tenant: log.tenant, log: log.log, index }] : []
  })
}

export function tileOf(log: MemoryLog | undefined, level: number, n: number, width: number): Uint8Array {
  const size = log?.entries.length ?? 0
  if (log === undefined || !(width >= 1 && width <= tileWidth(level, n, size)))
    throw new AuditError('not_found', `There is no tile ${level}/${n} of width ${width} in a log of ${size} entries.`)
  const full = log.tiles.get(`${level}/${n}`)
  return full === undefined
    ? joinHashes(log.rightEdge.partial[level]!.slice(0, width))
    : full.hashes.slice(0, width * 32)
}

export function readNode(log: MemoryLog, node: Node): Hash {
  const { level, index, width } = tileOfNode(node, log.entries.length)
  return hashFromTile(node, tileOf(log, level, index, width))
}

export function storedTilesOf(
  log: MemoryLog | undefined,
  after: { level: number; n: number } | undefined,
  limit: number,
): StoredTile[] {
  return [...(log?.tiles.values() ?? [])]
    .sort((a, b) => a.level - b.level || a.n - b.n)
    .filter(({ level, n }) => after === undefined || level > after.level || (level === after.level && n > after.n))
    .slice(0, limit)
    .map((tile) => ({ ...tile, hashes: tile.hashes.slice(), root: tile.root.slice() }))
}

export function erasuresOf(log: MemoryLog | undefined, afterIndex: number, limit: number): StoredErasure[] {
  return (log?.erasures ?? [])
    .filter(({ index }) => index > afterIndex)
    .sort((a, b) => a.index - b.index)
    .slice(0, limit)
    .map((row) => ({ ...row }))
}
