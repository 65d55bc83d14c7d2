/** `audit_log` of the mail archive: logins, searches and views of mails, each a success or none. */
import type { EventInput } from '../../event/event.ts'
import type { Fields } from '../fields.ts'
import { present, presentOrNone } from '../foreign.ts'
import { referenceTo, userOf, type TableKind } from './table-kind.ts'

export const mailarchive: TableKind = {
  name: 'mailarchive',
  table: 'audit_log',
  needs: ['id', 'timestamp', 'event_type', 'username', 'success'],
  time: { column: 'timestamp' },
  action: ['event_type'],
  event: (row) => ({
    ...present({
      ...whoAndWhat(row),
      context: presentOrNone({ ip: row.text('ip_address'), query: row.text('query') }),
      details: presentOrNone({ detail: row.text('detail') }),
    }),
    outcome: outcomes[row.text('success') ?? ''] ?? 'unknown',
  }),
}

const outcomes = { true: 'success', false: 'failure' } as { readonly [success: string]: 'success' | 'failure' }

function whoAndWhat(row: Fields): Pick<EventInput, 'actor' | 'targets'> {
  const name = row.text('username')
  const mails = referenceTo('mail', row.text('mail_id'))
  // Whoever fails to log in has proved to be nobody: the name that was typed in is what was tried, not who did it.
  const isClaim = name !== undefined && row.text('event_type') === 'login' && row.text('success') === 'false'
  if (isClaim) return { actor: { type: 'anonymous', name }, targets: [...referenceTo('user', name), ...mails] }
  return present({ actor: userOf(name), targets: mails })
}
