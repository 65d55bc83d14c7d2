/** The one place where an error becomes words and an exit code. */
import { AuditError } from '../errors.ts'
import { exitCodeOf, exitCodes, type ExitCode } from './exit-codes.ts'
import type { Io } from './io.ts'

export function reportError(error: unknown, io: Io, env: NodeJS.ProcessEnv): ExitCode {
  const debug = (env['AUDITPROOF_DEBUG'] ?? '') !== ''
  if (error instanceof AuditError) {
    io.note(`auditproof: ${error.message}`, 'red')
    if (error.hint !== undefined) io.note(`  → ${error.hint}`)
    if (debug) io.note(stackOf(error))
    return exitCodeOf[error.code]
  }
  io.note(`auditproof: ${error instanceof Error ? error.message : String(error)}`, 'red')
  io.note('  → this was not expected: set AUDITPROOF_DEBUG=1 to see where, and report it')
  if (debug) io.note(stackOf(error))
  return exitCodes.bug
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  return `${error.stack ?? ''}${error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`}`
}
