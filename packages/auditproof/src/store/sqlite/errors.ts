/** What SQLite and the file system say, in the closed list of codes. */
import { AuditError } from '../../errors.ts'

/** Primary result codes: https://sqlite.org/rescode.html */
const sqlite = {
  busy: 5,
  locked: 6,
  readonly: 8,
  ioerr: 10,
  corrupt: 11,
  full: 13,
  cantopen: 14,
  constraint: 19,
  notadb: 26,
}

export const isConstraint = (error: unknown): boolean => resultCode(error) === sqlite.constraint

/** After these the connection is not to be trusted: an fsync that failed once may pretend to succeed. */
export const needsReopening = (error: unknown): boolean =>
  [sqlite.ioerr, sqlite.corrupt, sqlite.cantopen, sqlite.notadb].includes(resultCode(error) ?? -1)

/** A file that is needed cannot be made or opened (SQLITE_CANTOPEN, SQLITE_READONLY_DIRECTORY). */
export const cannotMakeFile = (error: unknown): boolean =>
  [sqlite.cantopen, sqlite.readonly].includes(resultCode(error) ?? -1)

/** What stands in the file contradicts itself, or is no database at all; told by SQLite, or by what was made of that. */
export const isDamage = (error: unknown): boolean =>
  [sqlite.corrupt, sqlite.notadb].includes(resultCode(error) ?? -1) ||
  (error instanceof AuditError && error.cause !== undefined && isDamage(error.cause))

/** For what failed before anything could have been written. @param path of the file */
export const openError = (error: unknown, path: string): AuditError => nothingWritten(error, `open ${path}`)

/** For what writes nothing, on a file that has been a store before: it is damaged when it is none any more. */
export const readError = (error: unknown, doing: string): AuditError =>
  isDamage(error) ? damaged(error, doing) : nothingWritten(error, doing)

/** For a file that has been a store before. */
export const damaged = (error: unknown, doing: string): AuditError =>
  new AuditError('store_corrupt', `Could not ${doing}: the file is damaged (${messageOf(error)}).`, {
    hint: 'leave it as it is, restore a backup, then run auditproof verify',
    cause: error,
  })

function nothingWritten(error: unknown, doing: string): AuditError {
  const said = storeError(error, doing)
  if (said.code !== 'outcome_unknown') return said
  return new AuditError('store_unavailable', said.message, {
    hint: 'the disk reported an error; see the system log',
    cause: error,
  })
}

/** @param doing what was tried, as in "append events" */
export function storeError(error: unknown, doing: string): AuditError {
  if (error instanceof AuditError) return error
  const text = messageOf(error)
  const because = (code: ConstructorParameters<typeof AuditError>[0], message: string, hint?: string): AuditError =>
    new AuditError(code, `${message} (${text})`, { cause: error, ...(hint !== undefined && { hint }) })
  switch (resultCode(error)) {
    case sqlite.full:
      return because(
        'disk_full',
        `Could not ${doing}: the disk is full.`,
        'free some space; nothing that was acknowledged is affected',
      )
    case sqlite.busy:
    case sqlite.locked:
      return because(
        'store_busy',
        `Could not ${doing}: another process holds the lock of the store.`,
        'try again, with the same id',
      )
    case sqlite.corrupt:
      return damaged(error, doing)
    case sqlite.notadb:
      return because(
        'store_format',
        `Could not ${doing}: the file is no SQLite database.`,
        'give auditproof a file of its own',
      )
    case sqlite.ioerr:
      return because(
        'outcome_unknown',
        `Could not ${doing}: the disk reported an error.`,
        'record the event again with the same id',
      )
    default:
      break
  }
  const system = (error as { code?: unknown }).code
  if (system === 'ENOSPC') return because('disk_full', `Could not ${doing}: the disk is full.`, 'free some space')
  return because('store_unavailable', `Could not ${doing}.`, 'check that the data directory exists and can be written')
}

function resultCode(error: unknown): number | undefined {
  const extended = (error as { errcode?: unknown }).errcode
  return typeof extended === 'number' ? extended & 0xff : undefined
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
