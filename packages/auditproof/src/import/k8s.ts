/**
 * One Kubernetes audit event (audit.k8s.io): one request to the API server in one of its stages.
 * https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/
 */
import type { ActorInput, Outcome, Reference } from '../event/event.ts'
import { actionOf } from './action.ts'
import type { Fields } from './fields.ts'
import { present, presentOrNone, textsOf } from './foreign.ts'
import type { Mapped } from './mapped.ts'
import { readTime } from './times.ts'

/** Why this is no Kubernetes audit event. */
export const k8sProblem = (record: Fields): string | undefined =>
  ['auditID', 'verb'].some((name) => record.text(name) !== undefined)
    ? undefined
    : 'it is no Kubernetes audit event: it has neither auditID nor verb'

export function mapK8s(record: Fields): Mapped {
  const object = record.object('objectRef')
  const [ip, ...proxies] = textsOf(record.list('sourceIPs'))
  const auditId = record.text('auditID')
  const stage = record.text('stage')
  const namespace = object.text('namespace')
  // Before v1 the one time was `timestamp`.
  const time = record.text('requestReceivedTimestamp') ?? record.text('timestamp') ?? record.text('stageTimestamp')
  const { occurredAt, timeZone } = readTime(time)
  return present({
    action: actionOf(resourceOf(object) ?? 'nonResource', record.text('verb')),
    // A request is told once a stage, each time under the same id.
    sourceId: auditId === undefined ? undefined : `${auditId} ${stage ?? ''}`.trimEnd(),
    event: present({
      occurredAt,
      ...outcomeOf(record),
      actor: actorOf(record),
      targets: targetsOf(record, object),
      scope: namespace === undefined ? undefined : [{ type: 'namespace', id: namespace }],
      context: presentOrNone({
        ip,
        forwarded: proxies.length > 0 ? proxies : undefined,
        userAgent: record.text('userAgent'),
        requestId: auditId,
      }),
      details: present({
        stage,
        level: record.text('level'),
        requestURI: record.text('requestURI'),
        authorization: record.object('annotations').text('authorization.k8s.io/decision'),
        authorizedBy: record.object('annotations').text('authorization.k8s.io/reason'),
        timeZone,
      }),
    }),
  })
}

/** `pods`, or with its subresource `pods/exec`. */
function resourceOf(object: Fields): string | undefined {
  const resource = object.text('resource')
  const subresource = object.text('subresource')
  return resource === undefined || subresource === undefined ? resource : `${resource}/${subresource}`
}

function outcomeOf(record: Fields): { outcome: Outcome; reason?: { code?: string; text?: string } } {
  const status = record.object('responseStatus')
  const code = Number(status.text('code') ?? Number.NaN)
  const isForbidden = record.object('annotations').text('authorization.k8s.io/decision') === 'forbid'
  // Early stages have no response yet.
  if (Number.isNaN(code)) return { outcome: isForbidden ? 'denied' : 'unknown' }
  if (code < 400) return { outcome: 'success' }
  return {
    outcome: isForbidden || code === 401 || code === 403 ? 'denied' : 'failure',
    reason: present({ code: status.text('reason') ?? String(code), text: status.text('message') }),
  }
}

function actorOf(record: Fields): ActorInput | undefined {
  const actor = userOf(record.object('user'))
  const impersonated = userOf(record.object('impersonatedUser'))
  return actor === undefined ? impersonated : present({ ...actor, onBehalfOf: impersonated })
}

function userOf(user: Fields): ActorInput | undefined {
  const id = user.text('username')
  if (id === undefined) return undefined
  const groups = textsOf(user.list('groups'))
  return present({ type: typeOfUser(id), id, roles: groups.length > 0 ? groups : undefined })
}

function typeOfUser(name: string): 'anonymous' | 'service' | 'user' {
  if (name === 'system:anonymous') return 'anonymous'
  return /^(?:system:(?:serviceaccount|node|kube-|apiserver)|eks:)/.test(name) ? 'service' : 'user'
}

/** The object by namespace and name; where none is named (a list, a path that is no resource) what was requested. */
function targetsOf(record: Fields, object: Fields): Reference[] {
  const resource = object.text('resource')
  const namespace = object.text('namespace')
  // An object that is being created has its name in the request; one that gets a generated name, in the response.
  const name =
    object.text('name') ??
    record.object('requestObject').object('metadata').text('name') ??
    record.object('responseObject').object('metadata').text('name')
  if (resource !== undefined && name !== undefined)
    return [{ type: resource, id: namespace === undefined ? name : `${namespace}/${name}`, name }]
  const uri = record.text('requestURI')
  return uri === undefined ? [] : [{ type: 'path', id: uri }]
}
