import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isAction } from '../event/clear.ts'
import type { JsonObject } from '../event/json.ts'
import * as cloudTrail from './cloudtrail.ts'
import { Fields } from './fields.ts'

const mapCloudTrail = (members: JsonObject): ReturnType<typeof cloudTrail.mapCloudTrail> =>
  cloudTrail.mapCloudTrail(new Fields(members))
const cloudTrailProblem = (members: JsonObject): string | undefined => cloudTrail.cloudTrailProblem(new Fields(members))

const record = (members: JsonObject): JsonObject => ({
  eventSource: 'iam.amazonaws.com',
  eventName: 'CreateUser',
  eventTime: '2024-01-01T00:00:00Z',
  ...members,
})
const eventOf = (members: JsonObject): ReturnType<typeof mapCloudTrail>['event'] => mapCloudTrail(record(members)).event

test('a record becomes action, source id, outcome, actor, context and time', () => {
  const mapped = mapCloudTrail(
    record({
      eventID: 'e1',
      requestID: 'r1',
      sourceIPAddress: 'rds.amazonaws.com',
      userAgent: 'aws-cli',
      awsRegion: 'eu-central-1',
      readOnly: false,
      userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::1:user/ada', userName: 'ada', accessKeyId: 'AK' },
      requestParameters: { userName: 'bob' },
    }),
  )
  expect(mapped).toEqual({
    action: 'iam.CreateUser',
    sourceId: 'e1',
    event: {
      occurredAt: '2024-01-01T00:00:00Z',
      outcome: 'success',
      actor: { type: 'user', id: 'arn:aws:iam::1:user/ada', name: 'ada', credential: { type: 'access-key', id: 'AK' } },
      targets: [{ type: 'user', id: 'bob' }],
      context: { ip: 'rds.amazonaws.com', userAgent: 'aws-cli', requestId: 'r1' },
      details: { awsRegion: 'eu-central-1', readOnly: false },
    },
  })
})

test('an error code is a failure, one that speaks of permission a denial', () => {
  expect(eventOf({ errorCode: 'NoSuchBucket', errorMessage: 'gone' })).toMatchObject({
    outcome: 'failure',
    reason: { code: 'NoSuchBucket', text: 'gone' },
  })
  for (const errorCode of [
    'AccessDenied',
    'AccessDeniedException',
    'Client.UnauthorizedOperation',
    'UnauthorizedOperation',
  ])
    expect(eventOf({ errorCode })).toMatchObject({ outcome: 'denied', reason: { code: errorCode } })
  expect(eventOf({ errorCode: null, errorMessage: null })).toMatchObject({ outcome: 'success' })
})

test('a console login that failed is a failure, though it has no error code', () => {
  expect(eventOf({ responseElements: { ConsoleLogin: 'Failure' } }).outcome).toBe('failure')
  expect(eventOf({ responseElements: { ConsoleLogin: 'Success' } }).outcome).toBe('success')
})

test("a role's session is a user with the role; a user who issued a session stands behind it", () => {
  const role = { type: 'Role', arn: 'arn:aws:iam::1:role/admin', userName: 'admin' }
  expect(
    eventOf({
      userIdentity: {
        type: 'AssumedRole',
        arn: 'arn:aws:sts::1:assumed-role/admin/ada',
        principalId: 'AROA:ada',
        sessionContext: { sessionIssuer: role },
      },
    }).actor,
  ).toEqual({
    type: 'user',
    id: 'arn:aws:sts::1:assumed-role/admin/ada',
    name: 'ada',
    roles: ['admin'],
    sessionId: 'AROA:ada',
  })
  const ada = { type: 'IAMUser', arn: 'arn:aws:iam::1:user/ada', userName: 'ada' }
  expect(
    eventOf({ userIdentity: { type: 'FederatedUser', arn: 'f', sessionContext: { sessionIssuer: ada } } }).actor,
  ).toEqual({ type: 'user', id: 'f', onBehalfOf: { type: 'user', id: 'arn:aws:iam::1:user/ada', name: 'ada' } })
})

test('a service acts for itself, or is the way a user came', () => {
  expect(eventOf({ userIdentity: { type: 'AWSService', invokedBy: 'rds.amazonaws.com' } }).actor).toEqual({
    type: 'service',
    id: 'rds.amazonaws.com',
  })
  expect(eventOf({ userIdentity: { accountId: '1', invokedBy: 'ec2.amazonaws.com' } }).actor).toEqual({
    type: 'service',
    id: 'ec2.amazonaws.com',
  })
  expect(eventOf({ userIdentity: { type: 'IAMUser', arn: 'a', invokedBy: 'ec2.amazonaws.com' } }).actor).toEqual({
    type: 'user',
    id: 'a',
    via: 'ec2.amazonaws.com',
  })
})

test('an identity without a name is its principal, its account, anonymous, or nobody', () => {
  expect(eventOf({ userIdentity: { type: 'AWSAccount', principalId: 'P', accountId: '1' } }).actor).toEqual({
    type: 'user',
    id: 'P',
  })
  expect(eventOf({ userIdentity: { accountId: '1' } }).actor).toEqual({ type: 'user', id: '1' })
  expect(eventOf({ userIdentity: { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS' } }).actor).toEqual({
    type: 'anonymous',
  })
  expect(eventOf({ userIdentity: null })).not.toHaveProperty('actor')
})

test('targets are the resources, else what the parameters name', () => {
  expect(
    eventOf({
      resources: [
        { type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::b' },
        { ARN: 'arn:aws:secretsmanager:eu:1:secret:x' },
        { ARN: 'arn:aws:secretsmanager:eu:1:secret:x' },
        { ARNPrefix: 'arn:aws:s3:::b/', type: 'AWS::S3::Object' },
        null,
      ],
      requestParameters: { bucketName: 'b' },
    }).targets,
  ).toEqual([
    { type: 'AWS::S3::Bucket', id: 'arn:aws:s3:::b' },
    { type: 'secretsmanager', id: 'arn:aws:secretsmanager:eu:1:secret:x' },
    { type: 'AWS::S3::Object', id: 'arn:aws:s3:::b/' },
  ])
  expect(
    eventOf({
      requestParameters: {
        instancesSet: { items: [{ instanceId: 'i-1' }, { instanceId: 'i-2' }] },
        filterSet: { items: [{ name: 'x' }] },
        name: 'n',
        policyArns: ['p'],
        DBInstanceIdentifier: 'db',
        roleSessionName: 's',
        Host: 'h',
      },
    }).targets,
  ).toEqual([
    { type: 'instance', id: 'i-1' },
    { type: 'instance', id: 'i-2' },
    { type: 'iam', id: 'n' },
    { type: 'policy', id: 'p' },
    { type: 'dBInstance', id: 'db' },
  ])
  const many = Array.from({ length: 150 }, (_, n) => ({ ARN: `arn:aws:s3:::${n}` }))
  expect(eventOf({ resources: many }).targets).toHaveLength(100)
})

test('the time of a log shipper serves where eventTime is missing; without any the event says so', () => {
  expect(mapCloudTrail({ '@timestamp': '2020-09-14T00:44:23.000Z' }).event.occurredAt).toBe('2020-09-14T00:44:23.000Z')
  expect(mapCloudTrail({ eventID: 'x' }).event.occurredAt).toBe('not in the source')
})

test.each([
  [{ eventSource: 's3.amazonaws.com' }, 's3'],
  [{ eventName: 'Get Object/../x!' }, 'Get_Object/x_'],
  [{ eventSource: '..', eventName: '-' }, 'unclassified'],
  [{ eventSource: {}, eventName: [] }, 'unclassified'],
  [{ eventSource: 'x.y', eventName: 'ä'.repeat(3) }, 'x._'],
])('the action of %j is %s', (members, action) => {
  expect(mapCloudTrail(members as unknown as JsonObject).action).toBe(action)
  expect(isAction(action)).toBe(true)
})

test('a record of another kind is told from an unusual one', () => {
  expect(cloudTrailProblem({ commit: 'x' })).toMatch(/no CloudTrail record/)
  expect(cloudTrailProblem({ eventID: 'x', eventName: null })).toBeUndefined()
})

const known = [
  'eventSource',
  'eventName',
  'eventTime',
  'userIdentity',
  'resources',
  'requestParameters',
  'errorCode',
  'responseElements',
  'sourceIPAddress',
  'eventID',
]

test('whatever the members are, the action is in its grammar and text is where text belongs', () => {
  const weird = fc.oneof(
    fc.jsonValue(),
    fc.string({ unit: 'binary' }),
    fc.dictionary(
      fc.constantFrom('type', 'arn', 'sessionContext', 'sessionIssuer', 'items', 'aSet', 'bId', 'ARN', '__proto__'),
      fc.jsonValue(),
    ),
  )
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...known), weird), (members) => {
      const { action, sourceId, event } = mapCloudTrail(members as JsonObject)
      expect(isAction(action)).toBe(true)
      for (const text of [
        sourceId ?? '',
        event.occurredAt,
        event.context?.ip ?? '',
        (event.actor as { id?: string })?.id ?? '',
      ])
        expect(typeof text).toBe('string')
      for (const target of event.targets ?? [])
        expect(target).toEqual({ type: expect.any(String), id: expect.any(String) })
    }),
    { numRuns: 500 },
  )
})
