import { expect, test } from 'vitest'
import type { JsonObject } from '../event/json.ts'
import { Fields } from './fields.ts'
import { mapOkta, oktaProblem } from './okta.ts'

const record = {
  uuid: 'o1',
  eventType: 'user.session.start',
  published: '2024-01-01T00:00:00.123Z',
  severity: 'WARN',
  displayMessage: 'User login to Okta',
  actor: { id: '00u1', type: 'User', alternateId: 'ada@example.org', displayName: 'Ada' },
  client: { ipAddress: '192.0.2.1', userAgent: { rawUserAgent: 'Firefox' }, zone: 'null' },
  outcome: { result: 'FAILURE', reason: 'INVALID_CREDENTIALS' },
  target: [{ id: '0oa1', type: 'AppInstance', alternateId: 'unknown', displayName: 'Wiki', detailEntry: null }],
  authenticationContext: { externalSessionId: 's1' },
  debugContext: { debugData: { requestId: 'r1' } },
  request: { ipChain: [{ ip: '192.0.2.1' }, { ip: '10.0.0.1' }] },
}
const eventOf = (members: JsonObject): ReturnType<typeof mapOkta>['event'] =>
  mapOkta(new Fields({ ...record, ...members })).event

test('an event becomes its type, its actor by login, its targets by id', () => {
  const fields = new Fields(record)
  expect(mapOkta(fields)).toEqual({
    action: 'user.session.start',
    sourceId: 'o1',
    event: {
      occurredAt: '2024-01-01T00:00:00.123Z',
      outcome: 'failure',
      reason: { text: 'INVALID_CREDENTIALS' },
      severity: 'warning',
      actor: { type: 'user', id: 'ada@example.org', name: 'Ada', email: 'ada@example.org', sessionId: 's1' },
      targets: [{ type: 'AppInstance', id: '0oa1', name: 'Wiki' }],
      context: {
        ip: '192.0.2.1',
        forwarded: ['192.0.2.1', '10.0.0.1'],
        userAgent: 'Firefox',
        requestId: 'r1',
      },
      details: { displayMessage: 'User login to Okta' },
    },
  })
  expect(fields.notTaken()).toEqual(['actor.id', 'client.zone', 'target.detailEntry'])
})

test.each([
  ['SUCCESS', 'success'],
  ['ALLOW', 'success'],
  ['DENY', 'denied'],
  ['CHALLENGE', 'unknown'],
  [null, 'unknown'],
])('the result %s is the outcome %s', (result, outcome) => {
  const event = eventOf({ outcome: { result } })
  expect(event.outcome).toBe(outcome)
  // A result that is no outcome of ours is kept by its own word.
  expect(event.details?.['result']).toBe(result === 'CHALLENGE' ? result : undefined)
})

test('columns that a data lake has written in lower case are read too', () => {
  const { eventType, authenticationContext, ...rest } = record
  const fields = new Fields({ ...rest, eventtype: eventType, authenticationcontext: authenticationContext })
  expect(oktaProblem(fields)).toBeUndefined()
  expect(mapOkta(fields)).toMatchObject({ action: 'user.session.start', event: { actor: { sessionId: 's1' } } })
})

test('the word unknown names nobody', () => {
  expect(eventOf({ actor: { id: 'unknown', alternateId: 'unknown', displayName: 'unknown' } })).not.toHaveProperty(
    'actor',
  )
})

test('a record without an event type says nothing', () => {
  expect(oktaProblem(new Fields({}))).toMatch(/no Okta event/)
})
