import { expect, test } from 'vitest'
import type { JsonObject } from '../event/json.ts'
import { Fields } from './fields.ts'
import { k8sProblem, mapK8s } from './k8s.ts'

const record = {
  kind: 'Event',
  auditID: 'a1',
  stage: 'ResponseComplete',
  level: 'Metadata',
  verb: 'create',
  requestURI: '/api/v1/namespaces/shop/pods/web/exec?command=ls',
  user: { username: 'ada', groups: ['devs'], uid: 'u' },
  sourceIPs: ['192.0.2.1', '10.0.0.1'],
  userAgent: 'kubectl',
  objectRef: { resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web' },
  responseStatus: { code: 101 },
  requestReceivedTimestamp: '2024-01-01T00:00:00.123456Z',
  annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': 'RBAC: allowed' },
}
const eventOf = (members: JsonObject): ReturnType<typeof mapK8s>['event'] =>
  mapK8s(new Fields({ ...record, ...members })).event

test('a request becomes its verb on a resource, in a namespace, by a user, through proxies', () => {
  const fields = new Fields(record)
  expect(mapK8s(fields)).toEqual({
    action: 'pods/exec.create',
    sourceId: 'a1 ResponseComplete',
    event: {
      occurredAt: '2024-01-01T00:00:00.123456Z',
      outcome: 'success',
      actor: { type: 'user', id: 'ada', roles: ['devs'] },
      targets: [{ type: 'pods', id: 'shop/web', name: 'web' }],
      scope: [{ type: 'namespace', id: 'shop' }],
      context: { ip: '192.0.2.1', forwarded: ['10.0.0.1'], userAgent: 'kubectl', requestId: 'a1' },
      details: {
        stage: 'ResponseComplete',
        level: 'Metadata',
        requestURI: record.requestURI,
        authorization: 'allow',
        authorizedBy: 'RBAC: allowed',
      },
    },
  })
  expect(fields.notTaken()).toEqual(['kind', 'user.uid'])
})

test('each stage of a request is an event of its own', () => {
  expect(mapK8s(new Fields({ ...record, stage: 'RequestReceived' })).sourceId).toBe('a1 RequestReceived')
  expect(mapK8s(new Fields({ verb: 'get' }))).not.toHaveProperty('sourceId')
})

test('what was not allowed is denied, another error a failure, no response yet unknown', () => {
  const status = (code: number): JsonObject => ({ responseStatus: { code, reason: 'R', message: 'm' } })
  expect(eventOf(status(403))).toMatchObject({ outcome: 'denied', reason: { code: 'R', text: 'm' } })
  expect(eventOf({ responseStatus: { code: 409 } })).toMatchObject({ outcome: 'failure', reason: { code: '409' } })
  expect(eventOf({ responseStatus: null })).toMatchObject({ outcome: 'unknown' })
})

test('who acts as another acts on behalf of him; accounts of the cluster are services', () => {
  expect(eventOf({ impersonatedUser: { username: 'bob' } }).actor).toMatchObject({
    id: 'ada',
    onBehalfOf: { type: 'user', id: 'bob' },
  })
  expect(eventOf({ user: { username: 'system:serviceaccount:shop:web' } }).actor).toMatchObject({ type: 'service' })
  expect(eventOf({ user: { username: 'system:anonymous' } }).actor).toMatchObject({ type: 'anonymous' })
})

test('what has no name is found in the object, or is the path that was asked for', () => {
  const created = { objectRef: { resource: 'roles' }, requestObject: { metadata: { name: 'admin' } } }
  expect(eventOf(created).targets).toEqual([{ type: 'roles', id: 'admin', name: 'admin' }])
  const { action, event } = mapK8s(new Fields({ verb: 'get', requestURI: '/version' }))
  expect([action, event.targets]).toEqual(['nonResource.get', [{ type: 'path', id: '/version' }]])
})

test('a time without a zone is flagged, a missing one said', () => {
  expect(eventOf({ requestReceivedTimestamp: '2024-01-01 00:00:00.5' })).toMatchObject({
    occurredAt: '2024-01-01T00:00:00.5Z',
    details: { timeZone: 'not in the source, taken as UTC' },
  })
  expect(eventOf({ requestReceivedTimestamp: null }).occurredAt).toBe('not in the source')
})

test('a record without audit id and verb is of another kind', () => {
  expect(k8sProblem(new Fields({ kind: 'Event' }))).toMatch(/no Kubernetes audit event/)
})
