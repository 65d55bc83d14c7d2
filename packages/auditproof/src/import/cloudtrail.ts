/**
 * One AWS CloudTrail record as an event.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 *
 * Only `eventVersion` to `userAgent` are promised, and real records break that promise too: whatever is unusual
 * still becomes an event, and its original is kept beside it.
 */
import type { Outcome } from '../event/event.ts'
import { actionOf } from './action.ts'
import { cloudTrailActor } from './cloudtrail-actor.ts'
import { cloudTrailTargets } from './cloudtrail-targets.ts'
import type { Fields } from './fields.ts'
import { present, presentOrNone } from './foreign.ts'
import { noTime, type Mapped } from './mapped.ts'

/** Why this is no CloudTrail record; a log cannot be cleaned of a file that was imported as the wrong kind. */
export function cloudTrailProblem(record: Fields): string | undefined {
  const known = ['eventName', 'eventSource', 'eventID'].some((name) => record.text(name) !== undefined)
  return known ? undefined : 'it is no CloudTrail record: it has no eventName, eventSource or eventID'
}

export function mapCloudTrail(record: Fields): Mapped {
  const service = record.text('eventSource')?.split('.')[0]
  const readOnly = record.value('readOnly')
  const { outcome, code } = outcomeOf(record)
  const reason = presentOrNone({ code, text: record.text('errorMessage') })
  const context = presentOrNone({
    ip: record.text('sourceIPAddress'),
    userAgent: record.text('userAgent'),
    requestId: record.text('requestID'),
  })
  return present({
    action: actionOf(service, record.text('eventName')),
    sourceId: record.text('eventID'),
    event: present({
      // Log shippers (Logstash) move the time to @timestamp.
      occurredAt: record.text('eventTime') ?? record.text('@timestamp') ?? noTime,
      outcome,
      reason,
      actor: cloudTrailActor(record),
      targets: cloudTrailTargets(record, service ?? 'resource'),
      context,
      details: present({
        awsRegion: record.text('awsRegion'),
        eventType: record.text('eventType'),
        readOnly: typeof readOnly === 'boolean' ? readOnly : undefined,
      }),
    }),
  })
}

function outcomeOf(record: Fields): { outcome: Outcome; code: string | undefined } {
  const code = record.text('errorCode')
  if (code !== undefined) return { outcome: isDenial(code) ? 'denied' : 'failure', code }
  // A failed console login has no errorCode, only this.
  const login = record.object('responseElements').text('ConsoleLogin')
  const failed = login === 'Failure' || record.text('errorMessage') !== undefined
  return { outcome: failed ? 'failure' : 'success', code: undefined }
}

// AccessDenied, AccessDeniedException, Client.UnauthorizedOperation, NotAuthorizedException, AuthorizationError …
const isDenial = (code: string): boolean =>
  /AccessDenied|Unauthori[sz]ed|NotAuthori[sz]ed|AuthorizationError|Forbidden/i.test(code)
