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
  if (isSystemError(error)) {
    io.note(`auditproof: ${error.message}.`, 'red')
    io.note('  → check that the path exists, that this user may write there, and that there is space')
    if (debug) io.note(stackOf(error))
    return exitCodes.unreachable
  }
  io.note(`auditproof: ${error instanceof Error ? error.message : String(error)}`, 'red')
  io.note('  → this was not expected: set AUDITPROOF_DEBUG=1 to see where, and report it')
  if (debug) io.note(stackOf(error))
  return exitCodes.bug
}

/** What the file system refused: not ours to mend, and not a bug. */
const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string'

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  return `${error.stack ?? ''}${error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`}`
}
