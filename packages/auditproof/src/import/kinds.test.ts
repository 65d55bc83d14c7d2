import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isAction } from '../event/clear.ts'
import type { JsonObject } from '../event/json.ts'
import { Fields } from './fields.ts'
import { importKinds, openKind, type ImportKind } from './kinds.ts'

const names = [
  'action', 'actor', 'auditID', 'client', 'data', 'EventID', 'EventTime', 'eventName', 'events', 'eventType', 'files',
  'id', 'Message', 'name', 'objectRef', 'outcome', 'parameters', 'published', 'request', 'resource', 'sourceIPs',
  'target', 'time', 'user', 'userIdentity', 'verb', 'applicationName', '__proto__', 'constructor',
] // prettier-ignore

// Members that the kinds read, holding anything, nested as the kinds read them.
const { record } = fc.letrec<{ record: JsonObject; value: JsonObject[string] }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<JsonObject[string]>,
    fc.string({ unit: 'binary' }),
    tie('record'),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
  record: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 8 }),
}))

test.for(importKinds.filter((kind) => kind !== 'csv'))(
  '%s takes whatever its members hold: nothing throws, actions are in their grammar, times are text',
  (kind) => {
    const { problem, map } = openKind(kind, undefined)
    fc.assert(
      fc.property(record, (members) => {
        const fields = new Fields(members)
        if (problem(fields) !== undefined) return
        for (const { action, event, sourceId } of map(fields)) {
          if (kind !== 'ndjson') {
            expect(isAction(action)).toBe(true)
            expect(typeof event.occurredAt).toBe('string')
          }
          expect(['string', 'undefined']).toContain(typeof sourceId)
        }
        fields.notTaken()
      }),
      { numRuns: 300 },
    )
  },
)

// The least that each kind is known by, with what makes it look like another.
const samples: { readonly [kind: string]: JsonObject } = {
  cloudtrail: { eventSource: 's3.amazonaws.com', eventName: 'GetObject', eventType: 'AwsApiCall' },
  git: { commit: 'c1', repo: 'acme/shop' },
  github: { action: 'repo.create', actor: 'ada', _document_id: 'd1' },
  'google-workspace': { id: { applicationName: 'drive' }, events: [{ name: 'edit' }], actor: { email: 'a@b' } },
  k8s: { auditID: 'a1', verb: 'get', user: { username: 'ada' } },
  ndjson: { action: 'case.read', actor: { id: 'u_1' }, occurredAt: '2024-01-01T00:00:00Z' },
  okta: { eventType: 'user.session.start', actor: { id: '00u1' } },
  windows: { EventID: 4624, EventType: 'AUDIT_SUCCESS' },
}

test('a file of another kind is refused, since a log cannot be cleaned of it', () => {
  const taken = Object.keys(samples).flatMap((kind) =>
    Object.entries(samples)
      .filter(([, sample]) => openKind(kind as ImportKind, undefined).problem(new Fields(sample)) === undefined)
      .map(([other]) => `${kind} takes ${other}`),
  )
  // An entry of GitHub is an event like ours: action, actor, and a time of another name.
  expect(taken.sort()).toEqual(
    [...Object.keys(samples).map((kind) => `${kind} takes ${kind}`), 'ndjson takes github'].sort(),
  )
})
