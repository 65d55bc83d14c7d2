/**
 * What a list shows of an event, so that it reads no wide column. Derived from entry and disclosures, stored beside
 * them, derived again by `verify`.
 */
import { formatReference } from './reference.ts'
import { sortableTime } from './time.ts'
import type { ClearMembers } from './clear.ts'
import type { GroupValues } from './groups.ts'

export interface Summary {
  /** Without its final Z, so that text order is time order. */
  occurredAt: string
  recordedAt: string
  action: string
  outcome: string
  severity: string
  /** `type/id` */
  actor: string | null
  actorName: string | null
  /** `type/id` of the first target */
  target: string | null
  targetName: string | null
}

export function summaryOf(clear: ClearMembers, values: Partial<GroupValues>): Summary {
  const { actor, target } = values
  const primary = target?.targets[0]
  return {
    occurredAt: sortableTime(clear.occurredAt),
    recordedAt: sortableTime(clear.recordedAt),
    action: clear.action,
    outcome: clear.outcome,
    severity: clear.severity,
    actor: actor ? formatReference(actor) : null,
    actorName: actor?.name ?? null,
    target: primary ? formatReference(primary) : null,
    targetName: primary?.name ?? null,
  }
}
