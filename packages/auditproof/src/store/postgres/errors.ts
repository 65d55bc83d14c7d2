/** What PostgreSQL and the network say, in the closed list of codes. */
import { AuditError, type ErrorCode } from '../../errors.ts'

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const stateOf = (error: unknown): string => {
  const { code } = (error ?? {}) as { code?: unknown } // of an error without a cause
  return typeof code === 'string' ? code : ''
}

/** A row is refused for what it holds: constraints, bytes no text has, keys too long for their index. */
export const isConstraint = (error: unknown): boolean => /^(?:23|22)...$|^54000$/.test(stateOf(error))

/** Nobody knows what the server did after this; it may still come to do it. */
export function isConnectionLoss(error: unknown): boolean {
  const state = stateOf(error)
  if (/^(?:08...|57P0[1-5])$/.test(state)) return true
  if (/^[0-9A-Z]{5}$/.test(state) && !state.startsWith('E')) return false // the server has answered
  return !(error instanceof AuditError)
}

/** @param doing what was tried, as in "append events" */
export function storeError(error: unknown, doing: string): AuditError {
  if (error instanceof AuditError) return error
  const said = error instanceof Error ? error.message : String(error)
  const because = (code: ErrorCode, message: string, hint: string): AuditError =>
    new AuditError(code, `Could not ${doing}: ${message} (${said})`, { hint, cause: error })
  const state = stateOf(error)
  switch (state) {
    case '53100':
      return because(
        'disk_full',
        'the disk of the database is full.',
        'free some space; nothing acknowledged is affected',
      )
    case '40001':
    case '40P01':
    case '55P03':
      return because('store_busy', 'others were in the way.', 'try again, with the same id')
    case '42501':
      return because(
        'store_unavailable',
        'this login may not.',
        'grant it what it needs of auditproof_writer, auditproof_sequencer and auditproof_reader; auditproof doctor looks at all of it',
      )
    case '3F000':
    case '42P01':
    case '42883':
      return because('store_format', 'there is no audit store, or an older one.', 'run auditproof migrate')
    case '25006':
      return because(
        'store_unavailable',
        'the server takes no writes.',
        'connect to the primary; or default_transaction_read_only is on',
      )
    case 'XX001':
    case 'XX002':
      return because('store_corrupt', 'the database is damaged.', 'restore a backup, then run auditproof verify')
    default:
      return because('store_unavailable', 'the database did not do it.', 'check that it is up and can be reached')
  }
}
