/**
 * Where a follower stands. Of one tenant: the index of the next event. Of all: the row of the feed that comes next or is
 * being gone through, and the index within it.
 */
import { AuditError } from '../../errors.ts'
import { openCursor, signCursor } from '../signed-cursor.ts'

export interface Position {
  /** Row of the feed; 0 where one tenant is followed. */
  readonly row: number
  readonly index: number
}

export const comparePosition = (a: Position, b: Position): number => a.row - b.row || a.index - b.index

const purpose = 'auditproof follow'

/** Opaque, signed with the same key as cursors of lists, good for one tenant or for all. */
export const formatFollowCursor = (tenant: string | undefined, { row, index }: Position, key: Uint8Array): string =>
  signCursor(purpose, [3, tenant ?? null, row, index], key)

/** @throws AuditError `usage` */
export function parseFollowCursor(text: string, tenant: string | undefined, key: Uint8Array): Position {
  const [version, of, row, index] = (openCursor(purpose, text, key) ?? []) as [
    number?,
    ...[string | null, number, number],
  ]
  if (version !== 3) throw notOurs()
  if (of !== (tenant ?? null))
    throw new AuditError('usage', 'The cursor belongs to another tenant, or to all of them.', {
      hint: 'follow what it was made for, or begin without it',
    })
  return { row, index }
}

const notOurs = (): AuditError =>
  new AuditError('usage', 'This is no cursor of a live stream here.', {
    hint: 'take it as it was handed out, or begin without it',
  })
