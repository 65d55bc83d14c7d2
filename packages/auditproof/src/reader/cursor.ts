/**
 * A cursor: where a page ended, and of which list. Opaque and signed, so that nobody can make one that leads into another
 * tenant's trail, or into a list that was not asked for; not secret.
 */
import { AuditError } from '../errors.ts'
import type { ListPosition } from '../store/search.ts'
import { openCursor, signCursor } from './signed-cursor.ts'

/** Which list, and where in it. */
export interface Cursor {
  /** The query, as `formatQuery` writes it. */
  query: string
  tenant?: string
  order: 'time' | 'index'
  descending: boolean
  /** When the list was begun, milliseconds since 1970: relative times are counted from it. */
  now: number
  /** Entries that the tenant's log had then; later ones are no part of the list. */
  below?: number
  after: ListPosition
}

const purpose = 'auditproof cursor'

/** @param key at least 32 secret bytes; a cursor is good for readers with the same */
export function formatCursor(cursor: Cursor, key: Uint8Array): string {
  const { query, tenant, order, descending, now, below, after } = cursor
  const payload = [2, query, tenant ?? null, order, descending, now, below ?? null, after.at, after.log, after.index]
  return signCursor(purpose, payload, key)
}

/** @throws AuditError `usage` for all that this key has not signed */
export function parseCursor(text: string, key: Uint8Array): Cursor {
  const [version, query, tenant, order, descending, now, below, at, log, index] = (openCursor(purpose, text, key) ??
    []) as [number?, ...Payload]
  if (version !== 2) throw notOurs()
  return {
    query,
    ...(tenant !== null && { tenant }),
    order,
    descending,
    now,
    ...(below !== null && { below }),
    after: { at, log, index },
  }
}

type Payload = [string, string | null, 'time' | 'index', boolean, number, number | null, number, number, number]

const notOurs = (): AuditError =>
  new AuditError('usage', 'This is no cursor of a list here.', {
    hint: 'take the "next" of the page before as it is, or leave it out',
  })
