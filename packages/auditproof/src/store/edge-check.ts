/**
 * The right edge of a log as it stands in a store, believing none of it: the entries at the edge are hashed again, and the
 * root they give must be the one the head names.
 */
import { AuditError } from '../errors.ts'
import { leafHash, parseCheckpoint, parseNote, sameHash, type Hash } from '../log/index.ts'
import {
  emptyRightEdge,
  extendRightEdge,
  partialWidth,
  rightEdgeFrom,
  rightEdgeRoot,
  tileLevels,
  type RightEdge,
} from './right-edge.ts'
import { answerOf, type Answer, type Asking } from './asking.ts'

/** What is read for it, inside the transaction that appends. */
export interface EdgeRows {
  /** Entries `from` (inclusive) to `to` (exclusive), in order. */
  entries: (log: number, from: number, to: number) => Answer<{ entry: Uint8Array; leafHash: Uint8Array }[]>
  /** Roots of full tiles `from` (inclusive) to `to` (exclusive) of a level, in order. */
  roots: (log: number, level: number, from: number, to: number) => Answer<Uint8Array[]>
  /** The newest published checkpoint. */
  published: (log: number) => Answer<{ size: number; note: string } | undefined>
}

export interface StoredHead {
  log: number
  tenant: string
  size: number
  root: Uint8Array
}

/**
 * @param known the edge as this process has seen it; undefined when it has not
 * @throws `store_corrupt` where what is stored contradicts itself or what was known
 */
export function* checkedEdge(rows: EdgeRows, head: StoredHead, known: RightEdge | undefined): Asking<RightEdge> {
  if (known === undefined) return yield* load(rows, head)
  if (known.edge.size === head.size && sameHash(rightEdgeRoot(known), head.root)) return known
  return yield* catchUp(rows, head, known)
}

function* load(rows: EdgeRows, { log, tenant, size, root }: StoredHead): Asking<RightEdge> {
  if (size === 0) return emptyRightEdge
  const partial: Hash[][] = []
  for (let level = 0; level < tileLevels(size); level++) {
    const width = partialWidth(size, level)
    const first = Math.floor(size / 256 ** (level + 1)) * 256
    partial.push(
      level === 0
        ? yield* hashEntries(rows, log, tenant, first, first + width)
        : yield* answerOf(rows.roots(log, level - 1, first, first + width)),
    )
    if (partial[level]!.length !== width) throw corruptLog(tenant, `tile level ${level} ends before its size ${size}`)
  }
  const rightEdge = rightEdgeFrom(size, partial)
  if (!sameHash(rightEdgeRoot(rightEdge), root))
    throw corruptLog(tenant, `its entries do not give the root of its head`)
  const published = yield* answerOf(rows.published(log))
  if (published !== undefined && published.size === size) {
    const checkpoint = parseCheckpoint(parseNote(published.note).text)
    if (checkpoint.size !== size || !sameHash(checkpoint.root, root))
      throw corruptLog(tenant, 'its checkpoint names another root')
  }
  return rightEdge
}

/** Another process has appended: its entries must extend what this one knows. */
function* catchUp(rows: EdgeRows, { log, tenant, size, root }: StoredHead, known: RightEdge): Asking<RightEdge> {
  const before = known.edge.size
  if (size < before) throw corruptLog(tenant, `it had ${before} entries and has ${size}`)
  const hashes = yield* hashEntries(rows, log, tenant, before, size)
  const { rightEdge } = extendRightEdge(known, hashes)
  if (!sameHash(rightEdgeRoot(rightEdge), root)) throw corruptLog(tenant, 'it does not extend what was appended before')
  return rightEdge
}

function* hashEntries(rows: EdgeRows, log: number, tenant: string, from: number, to: number): Asking<Hash[]> {
  const entries = yield* answerOf(rows.entries(log, from, to))
  return entries.map((row, i) => {
    const hash = leafHash(row.entry)
    if (!sameHash(hash, row.leafHash)) throw corruptLog(tenant, `the entry at index ${from + i} was changed`)
    return hash
  })
}

export const corruptLog = (tenant: string, what: string): AuditError =>
  new AuditError(
    'store_corrupt',
    `The log of tenant ${JSON.stringify(tenant)} contradicts itself: ${what}. Nothing is appended to it.`,
    {
      hint: 'run auditproof verify',
    },
  )
