/** Files that are named on the command line. */
import { existsSync, readFileSync } from 'node:fs'
import { AuditError } from '../errors.ts'

const inWords: { readonly [code: string]: string } = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'this user may not read it',
}

/** The bytes of a file, or of standard input as `-`. @throws AuditError `input_malformed` */
export function readInput(path: string): Buffer {
  try {
    return readFileSync(path === '-' ? 0 : path)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new AuditError('input_malformed', `${path} cannot be read: ${inWords[code ?? ''] ?? String(code)}.`, {
      hint: 'check the path',
      cause,
    })
  }
}

/** Told before anything is made: a typing error must not leave an empty trail. @throws AuditError `input_malformed` */
export function refuseMissing(paths: readonly string[]): void {
  const missing = paths.find((path) => path !== '-' && !existsSync(path))
  if (missing !== undefined)
    throw new AuditError('input_malformed', `${missing} does not exist.`, { hint: 'check the path' })
}
