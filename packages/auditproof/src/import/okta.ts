/**
 * One event of the Okta System Log.
 * https://developer.okta.com/docs/reference/api/system-log/
 */
import type { ActorInput, Outcome, Reference, Severity } from '../event/event.ts'
import { limits } from '../event/limits.ts'
import { actionOf } from './action.ts'
import type { Fields } from './fields.ts'
import { present, presentOrNone } from './foreign.ts'
import type { Mapped } from './mapped.ts'
import { readTime } from './times.ts'

/** Why this is no Okta event. */
export function oktaProblem(record: Fields): string | undefined {
  if (eventTypeOf(record) === undefined) return 'it is no Okta event: it has no eventType'
  // CloudTrail records have an eventType, too.
  return record.names().includes('eventSource') ? 'it is no Okta event: it has an eventSource' : undefined
}

export function mapOkta(record: Fields): Mapped {
  const outcome = record.object('outcome')
  const client = record.object('client')
  const result = outcome.text('result')
  const { occurredAt, timeZone } = readTime(record.text('published'))
  return present({
    action: actionOf(eventTypeOf(record)),
    sourceId: record.text('uuid'),
    event: present({
      occurredAt,
      outcome: outcomes[result ?? ''] ?? 'unknown',
      reason: presentOrNone({ text: outcome.text('reason') }),
      severity: severities[record.text('severity') ?? ''],
      actor: actorOf(record),
      targets: targetsOf(record),
      context: presentOrNone({
        ip: client.text('ipAddress'),
        forwarded: forwardedBy(record),
        userAgent: client.object('userAgent').text('rawUserAgent'),
        requestId:
          shipped(record, 'debugContext').object('debugData').text('requestId') ??
          record.object('transaction').text('id'),
      }),
      details: present({
        displayMessage: record.text('displayMessage') ?? record.text('displaymessage'),
        // CHALLENGE, SKIPPED and what Okta adds later are neither success nor failure.
        result: result !== undefined && outcomes[result] === undefined ? result : undefined,
        timeZone,
      }),
    }),
  })
}

const outcomes: { readonly [result: string]: Outcome } = {
  SUCCESS: 'success',
  ALLOW: 'success',
  FAILURE: 'failure',
  DENY: 'denied',
}

const severities: { readonly [severity: string]: Severity } = {
  DEBUG: 'info',
  INFO: 'info',
  WARN: 'warning',
  ERROR: 'critical',
  HIGH: 'critical',
}

const eventTypeOf = (record: Fields): string | undefined => record.text('eventType') ?? record.text('eventtype')

/** Data lakes write the names of columns in lower case, and leave those within them alone. */
const shipped = (record: Fields, name: string): Fields =>
  record.names().includes(name) ? record.object(name) : record.object(name.toLowerCase())

function actorOf(record: Fields): ActorInput | undefined {
  const actor = record.object('actor')
  const login = known(actor.text('alternateId'))
  const name = known(actor.text('displayName'))
  const id = login ?? known(actor.text('id')) ?? name
  if (id === undefined) return undefined
  return present({
    type: actorType(actor.text('type')),
    id,
    name,
    email: login?.includes('@') === true ? login : undefined,
    sessionId: known(shipped(record, 'authenticationContext').text('externalSessionId')),
  })
}

/** User, PublicClientApp, SystemPrincipal, 'IP address'. */
function actorType(type = 'User'): 'user' | 'service' | 'system' | 'anonymous' {
  if (type === 'IP address') return 'anonymous'
  if (type === 'SystemPrincipal') return 'system'
  return /client|app|token|agent/i.test(type) ? 'service' : 'user'
}

function targetsOf(record: Fields): Reference[] {
  return record
    .objects('target')
    .slice(0, limits.targetsMax)
    .flatMap((target) => {
      const login = known(target.text('alternateId'))
      const name = known(target.text('displayName'))
      const id = known(target.text('id')) ?? login ?? name
      return id === undefined ? [] : [present({ type: target.text('type') ?? 'unknown', id, name: name ?? login })]
    })
}

function forwardedBy(record: Fields): string[] | undefined {
  const chain = record
    .object('request')
    .objects('ipChain')
    .flatMap((hop) => hop.text('ip') ?? [])
  return chain.length > 1 ? chain : undefined
}

/** Okta writes `unknown` where it knows nothing. */
const known = (text: string | undefined): string | undefined => (text === 'unknown' ? undefined : text)
