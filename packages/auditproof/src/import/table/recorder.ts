/** `audit_log` of the recorder: what hosts wrote, within an event of theirs, with free metadata. */
import { present, presentOrNone } from '../foreign.ts'
import { referenceTo, userOf, type TableKind } from './table-kind.ts'

export const recorder: TableKind = {
  name: 'recorder',
  table: 'audit_log',
  needs: ['id', 'user_id', 'action', 'target_id', 'metadata', 'created_at'],
  time: { column: 'created_at' },
  action: ['action'],
  event(row) {
    const target = row.text('target_id')
    return {
      ...present({
        actor: userOf(row.text('user_id')),
        context: presentOrNone({ requestId: row.text('request_id') }),
      }),
      outcome: 'unknown',
      targets: referenceTo(target === undefined ? undefined : row.text('entity_type'), target),
      scope: referenceTo('event', row.text('event_id')),
      details: present({ metadata: row.value('metadata') }),
    }
  },
}
