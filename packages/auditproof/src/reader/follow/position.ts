/**
 * Where a follower stands. Of one tenant: the index of the next event. Of all: the row of the feed that comes next or is
 * being gone through, and the index within it.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { AuditError } from '../../errors.ts'
import { decodeBase64url, encodeBase64url } from '../../log/index.ts'

export interface Position {
  /** Row of the feed; 0 where one tenant is followed. */
  readonly row: number
  readonly index: number
}

export const comparePosition = (a: Position, b: Position): number => a.row - b.row || a.index - b.index

const macBytes = 16
const cursorCharsMax = 1_024

/** Opaque, signed with the same key as cursors of lists, good for one tenant or for all. */
export function formatFollowCursor(tenant: string | undefined, { row, index }: Position, key: Uint8Array): string {
  const payload = Buffer.from(JSON.stringify([3, tenant ?? null, row, index]))
  return encodeBase64url(Buffer.concat([payload, macOf(payload, key)]))
}

/** @throws AuditError `usage` */
export function parseFollowCursor(text: string, tenant: string | undefined, key: Uint8Array): Position {
  const bytes = text.length > cursorCharsMax ? undefined : decodeBase64url(text)
  if (bytes === undefined || bytes.length <= macBytes) throw notOurs()
  const payload = bytes.subarray(0, -macBytes)
  if (!timingSafeEqual(macOf(payload, key), bytes.subarray(-macBytes))) throw notOurs()
  const [version, of, row, index] = JSON.parse(new TextDecoder().decode(payload)) as [
    number,
    string | null,
    number,
    number,
  ]
  if (version !== 3) throw notOurs()
  if (of !== (tenant ?? null))
    throw new AuditError('usage', 'The cursor belongs to another tenant, or to all of them.', {
      hint: 'follow what it was made for, or begin without it',
    })
  return { row, index }
}

const macOf = (payload: Uint8Array, key: Uint8Array): Uint8Array =>
  createHmac('sha256', key).update('auditproof follow\n').update(payload).digest().subarray(0, macBytes)

const notOurs = (): AuditError =>
  new AuditError('usage', 'This is no cursor of a live stream here.', {
    hint: 'take it as it was handed out, or begin without it',
  })
