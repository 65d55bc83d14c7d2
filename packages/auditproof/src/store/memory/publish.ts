/** Publishing: newest checkpoints, kept ones, the feed, the meta log. */
import { AuditError } from '../../errors.ts'
import { metaTenant } from '../../event/index.ts'
import { consistencyPlan, leafHash, proofFromNodes, type Hash } from '../../log/index.ts'
import type { Sources } from '../append-plan.ts'
import { storeLimits } from '../limits.ts'
import { extendRightEdge, rightEdgeRoot } from '../right-edge.ts'
import type { Publication, PublishedCheckpoint, UnpublishedLog } from '../store.ts'
import { newLog, type MemoryData, type MemoryLog } from './data.ts'
import { readNode } from './read.ts'

export function unpublishedLogs(data: MemoryData, afterLog: number, limit: number): UnpublishedLog[] {
  return data.logs
    .filter((log) => log.log > afterLog && log.entries.length > (log.published?.size ?? 0))
    .slice(0, limit)
    .map((log): UnpublishedLog => {
      const { origin, rightEdge } = log
      const size = rightEdge.edge.size
      const publishedSize = log.published?.size ?? 0
      const proof = proofBetween(log, publishedSize, size)
      const published = log.published?.note
      return { log: log.log, origin, size, root: rightEdgeRoot(rightEdge), publishedSize, published, proof }
    })
}

function proofBetween(log: MemoryLog, from: number, to: number): Hash[] {
  if (from === 0) return []
  const plan = consistencyPlan(from, to)
  return proofFromNodes(
    plan,
    plan.flat().map((node) => readNode(log, node)),
  )
}

/** Checked first, stored afterwards: all or none. */
export function planPublications(data: MemoryData, publications: readonly Publication[], sources: Sources): () => void {
  for (const { log, size } of publications) {
    const held = data.logs[log - 1]?.entries.length ?? 0
    if (size > held)
      throw new AuditError('store_corrupt', `A checkpoint over ${size} entries of log ${log}, which has ${held}.`)
  }
  return () => {
    for (const publication of publications) publishOne(data, data.logs[publication.log - 1]!, publication, sources)
  }
}

function publishOne(data: MemoryData, log: MemoryLog, { size, note, keep }: Publication, sources: Sources): void {
  const from = log.published?.size ?? 0
  if (size <= from) return
  log.published = { size, note }
  if (log.tenant !== metaTenant) data.feed.push({ position: data.feed.length + 1, log: log.log, from, to: size })
  const now = Date.parse(sources.now())
  if (keep || now - log.keptAt >= storeLimits.checkpointIntervalMs) keepNewest(log, now)
}

export function keepNewest(log: MemoryLog | undefined, now: number): PublishedCheckpoint | undefined {
  const newest = log?.published
  if (log === undefined || newest === undefined || log.kept.at(-1)?.size === newest.size) return newest
  log.kept.push({ ...newest, previous: log.kept.at(-1)?.size ?? 0 })
  log.keptAt = now
  return newest
}

/** Entries of the meta log are the bytes of signed notes, without content. */
export function planMeta(data: MemoryData, limit: number, sources: Sources): { count: number; apply: () => void } {
  const due = data.logs
    .filter((log) => log.tenant !== metaTenant && (log.published?.size ?? 0) > log.metaSize)
    .slice(0, limit)
  return {
    count: due.length,
    apply: () => {
      if (due.length > 0) appendNotes(metaLogOf(data), due, sources.now())
    },
  }
}

function metaLogOf(data: MemoryData): MemoryLog {
  const found = data.logOf(metaTenant)
  if (found !== undefined) return found
  const made = newLog(data, data.logs.length + 1, metaTenant)
  data.logs.push(made)
  return made
}

function appendNotes(meta: MemoryLog, due: readonly MemoryLog[], now: string): void {
  const leafHashes: Hash[] = []
  for (const log of due) {
    const { size, note } = log.published!
    const entry = new TextEncoder().encode(note)
    const [index, id] = [meta.entries.length, `${log.origin.slice(-16)}:${size}`]
    const hash = leafHash(entry)
    leafHashes.push(hash)
    meta.entries.push({ index, id, entry, leafHash: hash, content: undefined })
    meta.indexById.set(id, index)
    meta.keys.push(new Set())
    meta.indexedSize += 1
    log.metaSize = size
  }
  const { rightEdge, tiles } = extendRightEdge(meta.rightEdge, leafHashes)
  for (const tile of tiles) meta.tiles.set(`${tile.level}/${tile.n}`, tile)
  meta.rightEdge = rightEdge
  if (now > meta.recordedAt) meta.recordedAt = now
}
