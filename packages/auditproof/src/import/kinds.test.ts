import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isAction } from '../event/clear.ts'
import type { JsonObject } from '../event/json.ts'
import { Fields } from './fields.ts'
import { importKinds, openKind } from './kinds.ts'

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
