/**
 * Rows of `pending` are written by applications, through our door or by hand. Whatever a row holds, it becomes an event:
 * what is no submission is kept as text under `_unassigned`.
 */
import { clearMembersProblem } from '../event/clear.ts'
import { takeSubmission, type TakenSubmission } from '../event/index.ts'
import type { Sources } from './append-plan.ts'

export function submissionFromPending(text: string, sources: Sources): TakenSubmission {
  try {
    const value = JSON.parse(text) as TakenSubmission
    const sound = typeof value.tenant === 'string' && value.tenant !== '' && Array.isArray(value.targets)
    if (sound && clearMembersProblem({ ...value, recordedAt: sources.now() }) === undefined) return value
  } catch {
    // No JSON, or JSON of another shape: kept below as it is.
  }
  const stamp = {
    now: sources.now(),
    newId: sources.newId,
    deriveId: sources.newId,
    producer: () => ({ id: 'auditproof', boot: 'pending', n: 0 }),
    defaultTenant: null,
    origin: { kind: 'transaction' as const },
    trusted: false,
  }
  return takeSubmission('unclassified', { details: { pending: text } }, stamp)
}
