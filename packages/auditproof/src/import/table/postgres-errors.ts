/** What the driver and the server say when a table cannot be read, as what to do about it. */
import { AuditError } from '../../errors.ts'

/** @param where the database, without its password @param table as it was named */
export function readingFailed(cause: unknown, where: string, table: string): AuditError {
  if (cause instanceof AuditError) return cause
  const code = codeOf(cause)
  const says = messageOf(cause)
  if (code === '28P01' || code === '28000')
    return new AuditError('store_unavailable', `${where} refuses the login: ${says}.`, {
      hint: 'check user and password; the password may stand in PGPASSWORD or ~/.pgpass instead of the address',
      cause,
    })
  if (code === '3D000')
    return new AuditError('not_found', `${where}: ${says}.`, { hint: 'check the name behind the last / of it', cause })
  if (code === '42602' || code === '0A000' || code === '42601')
    return new AuditError('usage', `--table ${table} is no name of a table: ${says}.`, {
      hint: 'NAME or SCHEMA.NAME, as SQL has it: "Quoted" where it has capitals',
      cause,
    })
  if (code === '42501')
    return new AuditError('input_malformed', `${table} of ${where} cannot be read: ${says}.`, {
      hint: says.includes('row-level security')
        ? 'rows would be left out: log in as a role with BYPASSRLS, or as the owner where the table does not FORCE it'
        : 'the user needs USAGE of its schema and SELECT of the table',
      cause,
    })
  if (/^[0-9A-Z]{5}$/.test(code) && !/^(?:08|53|57|58)/.test(code))
    return new AuditError('input_malformed', `${table} of ${where} cannot be read: ${says}.`, {
      hint: `the server gave it the code ${code}`,
      cause,
    })
  return new AuditError('store_unavailable', `${where} cannot be reached: ${says}.`, {
    hint: 'check host, port and whether the server runs; what was imported stays, and importing again goes on',
    cause,
  })
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : ''
}

/** The addresses of a host are tried one after the other, and that error says nothing itself. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '')
    return [...new Set(error.errors.map((one) => messageOf(one)))].join(', ')
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
}
