/**
 * One entry of a GitHub audit log, of an organisation or an enterprise.
 * https://docs.github.com/en/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/audit-log-events-for-your-organization
 */
import type { ActorInput, Outcome, Reference } from '../event/event.ts'
import { formatTime } from '../event/time.ts'
import { actionOf } from './action.ts'
import type { Fields } from './fields.ts'
import { present, presentOrNone } from './foreign.ts'
import type { Mapped } from './mapped.ts'
import { readTime, type SourceTime } from './times.ts'

/** Why this is no entry of a GitHub audit log. */
export function githubProblem(record: Fields): string | undefined {
  if (record.text('action') === undefined) return 'it is no GitHub audit entry: it has no action'
  // Events of our own, and of many others, have an action as well.
  const { length } = record.object('actor').names()
  return length > 0 ? 'it is no GitHub audit entry: its actor is an object' : undefined
}

export function mapGithub(record: Fields): Mapped {
  const { occurredAt, timeZone } = timeOf(record)
  return present({
    action: actionOf(record.text('action')),
    sourceId: record.text('_document_id'),
    event: present({
      occurredAt,
      // The log holds what was done and seldom says how it ended: a workflow run has a conclusion.
      outcome: outcomes[record.text('conclusion') ?? ''] ?? 'unknown',
      actor: actorOf(record),
      targets: targetsOf(record),
      scope: scopeOf(record),
      context: presentOrNone({
        ip: record.text('actor_ip'),
        userAgent: record.text('user_agent'),
        requestId: record.text('request_id'),
      }),
      details: present({
        operation: record.text('operation_type'),
        visibility: record.text('visibility'),
        country: record.object('actor_location').text('country_code'),
        name: record.text('name'),
        timeZone,
      }),
    }),
  })
}

const outcomes: { readonly [conclusion: string]: Outcome } = {
  success: 'success',
  failure: 'failure',
  timed_out: 'failure',
  startup_failure: 'failure',
}

/** Milliseconds since 1970; text where a data lake has been in between. */
function timeOf(record: Fields): SourceTime {
  for (const name of ['@timestamp', 'created_at', 'at_sign_timestamp']) {
    const text = record.text(name)
    if (text === undefined) continue
    const time = /^\d{1,16}$/.test(text) ? formatTime(Number(text)) : undefined
    return time === undefined ? readTime(text) : { occurredAt: time }
  }
  return readTime(undefined)
}

function actorOf(record: Fields): ActorInput | undefined {
  const login = record.text('actor')
  const id = login ?? record.text('actor_id')
  if (id === undefined) return undefined
  const isAgent = record.text('actor_is_agent') === 'true'
  const isBot = record.text('actor_is_bot') === 'true' || login?.endsWith('[bot]') === true
  const kind = record.text('programmatic_access_type')
  const token = record.text('token_id') ?? record.text('hashed_token')
  return present({
    type: isAgent ? ('agent' as const) : isBot ? ('service' as const) : ('user' as const),
    id,
    via: kind ?? record.text('transport_protocol_name') ?? record.text('protocol_name'),
    credential: token === undefined ? undefined : { type: kind ?? 'token', id: token },
  })
}

const things: readonly (readonly [type: string, id: string, name?: string])[] = [
  ['repository', 'repo'],
  ['user', 'user'],
  ['team', 'team'],
  ['hook', 'hook_id'],
  ['ruleset', 'ruleset_id', 'ruleset_name'],
  ['workflow', 'workflow_id'],
]

/** Some members stand in `data` where the entry was fetched by another API. */
function targetsOf(record: Fields): Reference[] {
  const data = record.object('data')
  const targets = things.flatMap(([type, idMember, nameMember]) => {
    const id = record.text(idMember) ?? data.text(idMember)
    const name = nameMember === undefined ? undefined : record.text(nameMember)
    return id === undefined ? [] : [present({ type, id, name })]
  })
  const repository = record.text('repository')
  if (targets[0]?.type !== 'repository' && repository !== undefined)
    targets.unshift({ type: 'repository', id: repository })
  return targets.length > 0 ? targets : (scopeOf(record)?.slice(-1) ?? [])
}

function scopeOf(record: Fields): Reference[] | undefined {
  const scope = [
    { type: 'business', id: record.text('business') },
    { type: 'organization', id: record.text('org') },
  ].flatMap(({ type, id }) => (id === undefined ? [] : [{ type, id }]))
  return scope.length > 0 ? scope : undefined
}
