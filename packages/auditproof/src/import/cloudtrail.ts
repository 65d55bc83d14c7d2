/**
 * One AWS CloudTrail record as an event.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 *
 * Only `eventVersion` to `userAgent` are promised, and real records break that promise too: whatever is unusual
 * still becomes an event, and its original is kept beside it.
 */
import type { Outcome } from '../event/event.ts'
import type { JsonObject } from '../event/json.ts'
import { limits } from '../event/limits.ts'
import { cloudTrailActor } from './cloudtrail-actor.ts'
import { cloudTrailTargets } from './cloudtrail-targets.ts'
import { member, objectOf, present, textOf } from './foreign.ts'
import { noTime, type Mapped } from './mapped.ts'

/** Why this is no CloudTrail record; a log cannot be cleaned of a file that was imported as the wrong kind. */
export function cloudTrailProblem(record: JsonObject): string | undefined {
  const known = ['eventName', 'eventSource', 'eventID'].some((name) => textOf(member(record, name)) !== undefined)
  return known ? undefined : 'it is no CloudTrail record: it has no eventName, eventSource or eventID'
}

export function mapCloudTrail(record: JsonObject): Mapped {
  const text = (name: string): string | undefined => textOf(member(record, name))
  const service = text('eventSource')?.split('.')[0]
  const readOnly = member(record, 'readOnly')
  const { outcome, code } = outcomeOf(record)
  const reason = present({ code, text: text('errorMessage') })
  const context = present({
    ip: text('sourceIPAddress'),
    userAgent: text('userAgent'),
    requestId: text('requestID'),
  })
  return present({
    action: actionOf(service, text('eventName')),
    sourceId: text('eventID'),
    event: present({
      // Log shippers (Logstash) move the time to @timestamp.
      occurredAt: text('eventTime') ?? text('@timestamp') ?? noTime,
      outcome,
      reason: Object.keys(reason).length > 0 ? reason : undefined,
      actor: cloudTrailActor(record),
      targets: cloudTrailTargets(record, service ?? 'resource'),
      context: Object.keys(context).length > 0 ? context : undefined,
      details: present({
        awsRegion: text('awsRegion'),
        eventType: text('eventType'),
        readOnly: typeof readOnly === 'boolean' ? readOnly : undefined,
      }),
    }),
  })
}

function outcomeOf(record: JsonObject): { outcome: Outcome; code: string | undefined } {
  const code = textOf(member(record, 'errorCode'))
  if (code !== undefined) return { outcome: isDenial(code) ? 'denied' : 'failure', code }
  // A failed console login has no errorCode, only this.
  const login = textOf(member(objectOf(member(record, 'responseElements')), 'ConsoleLogin'))
  const failed = login === 'Failure' || textOf(member(record, 'errorMessage')) !== undefined
  return { outcome: failed ? 'failure' : 'success', code: undefined }
}

// AccessDenied, AccessDeniedException, Client.UnauthorizedOperation, NotAuthorizedException, AuthorizationError …
const isDenial = (code: string): boolean =>
  /AccessDenied|Unauthori[sz]ed|NotAuthori[sz]ed|AuthorizationError|Forbidden/i.test(code)

/** `s3.GetObject`, within the closed vocabulary of a clear member; the record's own words stay in the original. */
function actionOf(service: string | undefined, name: string | undefined): string {
  const action = [service, name]
    .filter((part) => part !== undefined)
    .join('.')
    .replaceAll(/[^A-Za-z0-9_.:/-]+/g, '_')
    // The grammar wants single separators between words.
    .replaceAll(/([.:/-])[.:/-]+/g, '$1')
    .replaceAll(/^[.:/-]+/g, '')
    .slice(0, limits.actionCharsMax)
    .replace(/[.:/-]+$/, '')
  return action === '' ? 'unclassified' : action
}
