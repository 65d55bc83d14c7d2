/**
 * What applications leave in `pending` was written through our door or by hand, and is gone from there once it is
 * appended. So whatever a text holds, it becomes an event: what is no submission is kept as text under `_unassigned`.
 */
import { AuditError } from '../errors.ts'
import { parseSubmission } from './parse-submission.ts'
import { takeSubmission, unassignedTenant, type Stamp, type TakenSubmission } from './submission.ts'

export function submissionFromText(
  text: string,
  { now, newId }: { now: string; newId: () => string },
): TakenSubmission {
  const submission = parsed(text)
  if (submission !== undefined && (submission.tenant === unassignedTenant || !submission.tenant.startsWith('_')))
    return submission
  const stamp: Stamp = {
    now,
    newId,
    deriveId: newId,
    producer: () => ({ id: 'auditproof', boot: 'pending', n: 0 }),
    defaultTenant: null,
    origin: { kind: 'transaction' },
    trusted: false,
  }
  return takeSubmission('unclassified', { details: { pending: text } }, stamp)
}

function parsed(text: string): TakenSubmission | undefined {
  try {
    return parseSubmission(text)
  } catch (error) {
    if (error instanceof AuditError) return undefined
    throw error
  }
}
