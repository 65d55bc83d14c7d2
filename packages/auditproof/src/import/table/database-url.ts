/** Addresses of databases hold passwords: they are parsed here, and only what may be shown leaves. */
import { AuditError } from '../../errors.ts'

/** `postgres:` is often left out of a list of files and never one of them. */
export const isDatabaseUrl = (text: string): boolean => /^postgres(?:ql)?:/i.test(text)

/** `postgres://USER@HOST:PORT/DATABASE`. @throws AuditError `usage`, which does not repeat what it was given */
export function shownUrl(text: string): string {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    // Without its cause, which holds the text.
    throw new AuditError('usage', 'The address of the database cannot be read.', {
      hint: 'postgres://USER:PASSWORD@HOST:PORT/DATABASE, where characters such as @ / # of a password are written %40 %2F %23',
    })
  }
  const { username, host, pathname, searchParams } = url
  const place = host === '' ? (searchParams.get('host') ?? '') : host
  return `postgres://${username === '' ? '' : `${username}@`}${place}${pathname}`
}
