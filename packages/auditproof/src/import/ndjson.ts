/** Our own events as NDJSON: `action` and, beside it, whatever `record(action, event)` takes. */
import type { Fields } from './fields.ts'
import { isObject, present } from './foreign.ts'
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
export const ndjsonProblem = (record: Fields): string | undefined =>
  record.text('action') === undefined ? 'it is no event: it has no member "action"' : undefined

/**
 * Members are handed on as they are. The event layer mends what does not fit and flags it; mended here, it would
 * pass for what the source said. `id` becomes the source's id; `origin`, `producer` and `recordedAt` of another
 * trail stay in the original alone.
 */
export function mapNdjson(record: Fields): Mapped {
  const details = record.value('details')
  const event: { [key: string]: unknown } = present({
    tenant: record.text('tenant'),
    // A number is milliseconds since 1970 here, as in record().
    occurredAt: record.value('occurredAt') ?? noTime,
    details: details === undefined || isObject(details) ? details : { details },
  })
  for (const name of eventMembers) {
    const value = record.value(name)
    if (value !== undefined) event[name] = value
  }
  return present({
    action: record.text('action') ?? 'unclassified',
    sourceId: record.text('id'),
    event,
  })
}
