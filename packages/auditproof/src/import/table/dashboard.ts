/** `audit_log` of the dashboard: actor, action, subject, detail, node. It never knew an outcome. */
import { present, presentOrNone } from '../foreign.ts'
import { referenceTo, userOf, type TableKind } from './table-kind.ts'

export const dashboard: TableKind = {
  name: 'dashboard',
  table: 'audit_log',
  needs: ['id', 'actor', 'action', 'subject', 'created_at'],
  time: { column: 'created_at' },
  action: ['action'],
  event: (row) => ({
    ...present({
      actor: actorOf(row.text('actor')),
      context: presentOrNone({ node: row.text('node_id') }),
    }),
    outcome: 'unknown',
    // A name without a type: guessed from the action it would be wrong for some, and could never be mended.
    targets: referenceTo('subject', row.text('subject')),
    details: present({ detail: row.value('detail') }),
  }),
}

/** Its jobs called themselves so. */
const actorOf = (name: string | undefined): ReturnType<typeof userOf> =>
  name === 'system' ? { type: 'system', id: name } : userOf(name)
