/** A row of `head` with its log, as both databases give it. */
import type { LogHead } from './store.ts'

export interface HeadRow {
  log: number
  tenant: string
  origin: string
  size: number
  root: Uint8Array
  recorded_at: string
  note_size: number
  note: string | null
  meta_size: number
  indexed: number
}

export const headColumns = 'log.log, tenant, origin, size, root, recorded_at, note_size, note, meta_size, indexed'

export const logHead = (row: HeadRow): LogHead => ({
  log: row.log,
  tenant: row.tenant,
  origin: row.origin,
  size: row.size,
  root: row.root,
  recordedAt: row.recorded_at,
  published: row.note === null ? undefined : { size: row.note_size, note: row.note },
  metaSize: row.meta_size,
  indexedSize: row.indexed,
})
