import { expect, test } from 'vitest'
import type { JsonObject } from '../event/json.ts'
import { Fields } from './fields.ts'
import { githubProblem, mapGithub } from './github.ts'

const record = {
  '@timestamp': 1_700_000_000_123,
  _document_id: 'd1',
  action: 'team.add_repository',
  actor: 'ada',
  actor_ip: '192.0.2.1',
  actor_location: { country_code: 'DE' },
  user_agent: 'curl',
  business: 'acme',
  org: 'acme-labs',
  repo: 'acme-labs/shop',
  team: 'acme-labs/dev',
  public_repo: false,
}
const eventOf = (members: JsonObject): ReturnType<typeof mapGithub>['event'] =>
  mapGithub(new Fields({ ...record, ...members })).event

test('an entry becomes its action by its actor, on repository and team, within business and organization', () => {
  const fields = new Fields(record)
  expect(mapGithub(fields)).toEqual({
    action: 'team.add_repository',
    sourceId: 'd1',
    event: {
      occurredAt: '2023-11-14T22:13:20.123Z',
      outcome: 'unknown',
      actor: { type: 'user', id: 'ada' },
      targets: [
        { type: 'repository', id: 'acme-labs/shop' },
        { type: 'team', id: 'acme-labs/dev' },
      ],
      scope: [
        { type: 'business', id: 'acme' },
        { type: 'organization', id: 'acme-labs' },
      ],
      context: { ip: '192.0.2.1', userAgent: 'curl' },
      details: { country: 'DE' },
    },
  })
  expect(fields.notTaken()).toEqual(['public_repo'])
})

test('the outcome is what a workflow run says, else it is not known', () => {
  expect(eventOf({ conclusion: 'failure' }).outcome).toBe('failure')
  expect(eventOf({ conclusion: 'skipped' }).outcome).toBe('unknown')
})

test('a bot is a service, an agent an agent, and a token is what it acted with', () => {
  expect(eventOf({ actor_is_bot: true }).actor).toMatchObject({ type: 'service' })
  expect(eventOf({ actor: 'dependabot[bot]' }).actor).toMatchObject({ type: 'service' })
  expect(eventOf({ actor_is_agent: true, actor_is_bot: true }).actor).toMatchObject({ type: 'agent' })
  expect(eventOf({ programmatic_access_type: 'deploy_key', token_id: 7 }).actor).toMatchObject({
    via: 'deploy_key',
    credential: { type: 'deploy_key', id: '7' },
  })
})

test('an entry that names no thing is on its organization', () => {
  const { event } = mapGithub(new Fields({ action: 'org.disable_two_factor_requirement', org: 'acme-labs' }))
  expect(event.targets).toEqual([{ type: 'organization', id: 'acme-labs' }])
  expect(event.occurredAt).toBe('not in the source')
})

test('a time that a data lake has rewritten has no zone, and the event says so', () => {
  const { event } = mapGithub(new Fields({ action: 'a', created_at: '2024-01-01 00:00:00.5' }))
  expect(event).toMatchObject({
    occurredAt: '2024-01-01T00:00:00.5Z',
    details: { timeZone: 'not in the source, taken as UTC' },
  })
})

test('an entry without an action is of another kind', () => {
  expect(githubProblem(new Fields({ actor: 'ada' }))).toMatch(/no GitHub audit entry/)
})
