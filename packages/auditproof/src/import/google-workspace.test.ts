import { expect, test } from 'vitest'
import type { JsonObject } from '../event/json.ts'
import { Fields } from './fields.ts'
import { googleWorkspaceProblem, mapGoogleWorkspace } from './google-workspace.ts'

const activity = (...events: JsonObject[]): JsonObject => ({
  kind: 'admin#reports#activity',
  id: { time: '2024-01-01T00:00:00.123Z', uniqueQualifier: '-1', applicationName: 'drive', customerId: 'C1' },
  actor: { email: 'ada@example.org', profileId: '1' },
  ipAddress: '192.0.2.1',
  events,
})
const edit = {
  type: 'access',
  name: 'edit',
  parameters: [
    { name: 'doc_id', value: 'd1' },
    { name: 'doc_title', value: 'Plan' },
    { name: 'billable', boolValue: true },
    { name: 'owners', multiValue: ['ada', 'bob'] },
  ],
}

test('an event has its activity’s time, actor and address, its parameters, and the thing they name', () => {
  const fields = new Fields(activity(edit))
  expect(mapGoogleWorkspace(fields)).toEqual([
    {
      action: 'drive.edit',
      sourceId: '2024-01-01T00:00:00.123Z -1 drive 0 edit',
      event: {
        occurredAt: '2024-01-01T00:00:00.123Z',
        outcome: 'success',
        actor: { type: 'user', id: 'ada@example.org', email: 'ada@example.org' },
        targets: [{ type: 'document', id: 'd1', name: 'Plan' }],
        context: { ip: '192.0.2.1' },
        details: {
          type: 'access',
          parameters: { doc_id: 'd1', doc_title: 'Plan', billable: true, owners: ['ada', 'bob'] },
        },
      },
    },
  ])
  expect(fields.notTaken()).toEqual(['kind', 'id.customerId', 'actor.profileId'])
})

test('an activity of several events becomes as many, each with an id of its own', () => {
  const ids = mapGoogleWorkspace(new Fields(activity(edit, edit, { name: 'view' }))).map(({ sourceId }) => sourceId)
  expect(new Set(ids).size).toBe(3)
})

test('the name says how it ended', () => {
  const outcomes = ['login_failure', 'login_success', 'failover_set', 'access_denied'].map(
    (name) => mapGoogleWorkspace(new Fields(activity({ name })))[0]!.event.outcome,
  )
  expect(outcomes).toEqual(['failure', 'success', 'success', 'denied'])
})

test('who has no address is a profile, a key, or the system', () => {
  const actorOf = (actor: JsonObject): unknown =>
    mapGoogleWorkspace(new Fields({ ...activity(edit), actor }))[0]!.event.actor
  expect(actorOf({ profileId: '1' })).toEqual({ type: 'user', id: '1' })
  expect(actorOf({ callerType: 'KEY', key: 'SYSTEM' })).toEqual({ type: 'system', id: 'SYSTEM' })
  expect(actorOf({ callerType: 'KEY', key: 'k' })).toEqual({ type: 'service', id: 'k' })
  expect(actorOf({})).toBeUndefined()
})

test('a record of another kind, or one without events, is told', () => {
  expect(googleWorkspaceProblem(new Fields({ events: [edit] }))).toMatch(/no Google Workspace activity/)
  expect(googleWorkspaceProblem(new Fields(activity()))).toMatch(/without events/)
})
