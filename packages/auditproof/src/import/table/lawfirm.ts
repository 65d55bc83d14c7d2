/** `kanzlai.audit_log` of the law firm: many tenants, states before and after, address and agent. */
import { present, presentOrNone } from '../foreign.ts'
import { referenceTo, userOf, type TableKind } from './table-kind.ts'

export const lawfirm: TableKind = {
  name: 'lawfirm',
  table: 'kanzlai.audit_log',
  needs: ['id', 'tenant_id', 'user_id', 'action', 'entity_type', 'entity_id', 'created_at'],
  time: { column: 'created_at' },
  action: ['action'],
  event(row) {
    const entity = row.text('entity_id')
    return {
      ...present({
        actor: userOf(row.text('user_id')),
        before: row.value('old_values'),
        after: row.value('new_values'),
        context: presentOrNone({ ip: row.text('ip_address'), userAgent: row.text('user_agent') }),
      }),
      outcome: 'unknown',
      targets: referenceTo(entity === undefined ? undefined : row.text('entity_type'), entity),
    }
  },
}
