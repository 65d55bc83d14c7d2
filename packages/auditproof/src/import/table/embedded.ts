/** `audit` of the embedded audit, an SQLite file: HTTP requests that wrote, to the second. */
import { present } from '../foreign.ts'
import { referenceTo, userOf, type TableKind } from './table-kind.ts'
import type { Fields } from '../fields.ts'
import type { Outcome } from '../../event/event.ts'

export const embedded: TableKind = {
  name: 'embedded',
  table: 'audit',
  needs: ['id', 'ts', 'username', 'method', 'path', 'module', 'status'],
  time: { column: 'ts', unix: true },
  action: ['module', 'method'],
  event: (row) => ({
    ...present({ actor: userOf(row.text('username')) }),
    outcome: outcomeOf(row),
    targets: referenceTo(row.text('module') ?? 'path', row.text('path')),
    context: present({
      module: row.text('module'),
      http: present({
        method: row.text('method') ?? '',
        path: row.text('path') ?? '',
        // Foreign tables may hold anything here: the event layer says what it could not use.
        status: row.value('status') as number | undefined,
      }),
    }),
  }),
}

function outcomeOf(row: Fields): Outcome {
  const status = Number(row.text('status'))
  if (!(status >= 100)) return 'unknown'
  if (status < 400) return 'success'
  return status === 401 || status === 403 ? 'denied' : 'failure'
}
