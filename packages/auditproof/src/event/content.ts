/** "Same id, same content": whether a submission says again what an entry says already. */
import { canonicalize } from './canonical.ts'
import { groupValues, type GroupValues } from './groups.ts'
import type { Entry } from './entry.ts'
import type { Json } from './json.ts'
import type { TakenSubmission } from './submission.ts'

/**
 * Compares without recordedAt, producer and origin, which differ at each delivery, and without occurredAt where the
 * caller gave none. Groups that are no longer stored cannot be compared and count as equal.
 */
export function saysTheSame(submission: TakenSubmission, entry: Entry, stored: Partial<GroupValues>): boolean {
  if (submission.action !== entry.action || submission.outcome !== entry.outcome) return false
  if (submission.severity !== entry.severity) return false
  if (submission.timed && submission.occurredAt !== entry.occurredAt) return false
  const given = withoutOrigin(groupValues(submission))
  const known = withoutOrigin(stored)
  return (Object.keys(known) as (keyof GroupValues)[]).every(
    (group) => canonicalize(known[group] as Json) === canonicalize(given[group] as Json),
  )
}

function withoutOrigin(values: Partial<GroupValues>): Partial<Record<keyof GroupValues, unknown>> {
  if (values.context === undefined) return values
  const { origin: _origin, ...context } = values.context
  return { ...values, context }
}
