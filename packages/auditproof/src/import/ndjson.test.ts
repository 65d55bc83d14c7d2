import { expect, test } from 'vitest'
import type { JsonObject } from '../event/json.ts'
import { Fields } from './fields.ts'
import * as ndjson from './ndjson.ts'

const mapNdjson = (members: JsonObject): ReturnType<typeof ndjson.mapNdjson> => ndjson.mapNdjson(new Fields(members))
const ndjsonProblem = (members: JsonObject): string | undefined => ndjson.ndjsonProblem(new Fields(members))

test('an event keeps the members that record() takes', () => {
  const members = { actor: 'u_1', target: 'case/c_1', outcome: 'denied', occurredAt: 1_700_000_000_000, tenant: 'acme' }
  expect(
    mapNdjson({ id: 'e1', action: 'case.read', ...members, recordedAt: 'x', producer: {}, origin: { kind: 'direct' } }),
  ).toEqual({
    action: 'case.read',
    sourceId: 'e1',
    event: members,
  })
})

test('null means absent, a number is a tenant as text, details that are no object get a name', () => {
  const { event } = mapNdjson({ action: 'a', reason: null, tenant: 7, details: [1] })
  expect(event).toEqual({ tenant: '7', occurredAt: 'not in the source', details: { details: [1] } })
})

test('keys of the prototype are keys like others', () => {
  const record = JSON.parse('{"action":"a","details":{"__proto__":{"polluted":true}}}') as JsonObject
  const details = mapNdjson(record).event.details!
  expect(Object.keys(details)).toEqual(['__proto__'])
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

test('a record without an action is no event', () => {
  expect(ndjsonProblem({ EventID: 4624 })).toMatch(/no member "action"/)
  expect(ndjsonProblem({ action: 'a' })).toBeUndefined()
})
