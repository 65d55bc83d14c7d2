/** Our own events as NDJSON: `action` and, beside it, whatever `record(action, event)` takes. */
import type { Json, JsonObject } from '../event/json.ts'
import { member, objectOf, present, textOf } from './foreign.ts'
import { noTime, type Mapped } from './mapped.ts'

const eventMembers = [
  'outcome',
  'reason',
  'severity',
  'actor',
  'target',
  'targets',
  'scope',
  'changes',
  'before',
  'after',
  'context',
] as const

/** Why this is no event: without an action it says nothing, and most likely it is of another kind. */
export const ndjsonProblem = (record: JsonObject): string | undefined =>
  textOf(member(record, 'action')) === undefined ? 'it is no event: it has no member "action"' : undefined

/**
 * Members are handed on as they are. The event layer mends what does not fit and flags it; mended here, it would
 * pass for what the source said. `id` becomes the source's id; `origin`, `producer` and `recordedAt` of another
 * trail stay in the original alone.
 */
export function mapNdjson(record: JsonObject): Mapped {
  const details = member(record, 'details')
  const event: { [key: string]: unknown } = present({
    tenant: textOf(member(record, 'tenant')),
    // A number is milliseconds since 1970 here, as in record().
    occurredAt: member(record, 'occurredAt') ?? noTime,
    details: isMissing(details)
      ? undefined
      : Array.isArray(details) || typeof details !== 'object'
        ? { details }
        : objectOf(details),
  })
  for (const name of eventMembers) {
    const value = member(record, name)
    if (!isMissing(value)) event[name] = value
  }
  return present({
    action: textOf(member(record, 'action')) ?? 'unclassified',
    sourceId: textOf(member(record, 'id')),
    event,
  })
}

const isMissing = (value: Json | undefined): value is null | undefined => value === null || value === undefined
