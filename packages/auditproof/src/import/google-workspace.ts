/**
 * One activity of the Google Workspace Reports API: who, when, from where, and the one or several events it was made of.
 * https://developers.google.com/workspace/admin/reports/reference/rest/v1/activities/list
 */
import type { ActorInput, Outcome, Reference } from '../event/event.ts'
import type { Json, JsonObject } from '../event/json.ts'
import { limits } from '../event/limits.ts'
import { actionOf } from './action.ts'
import type { Fields } from './fields.ts'
import { present, presentOrNone, textOf } from './foreign.ts'
import type { Mapped } from './mapped.ts'
import { readTime } from './times.ts'

/** Why this is no activity. */
export function googleWorkspaceProblem(record: Fields): string | undefined {
  if (record.object('id').text('applicationName') === undefined)
    return 'it is no Google Workspace activity: it has no id.applicationName'
  return record.objects('events').length === 0 ? 'it is an activity without events' : undefined
}

export function mapGoogleWorkspace(record: Fields): Mapped[] {
  const id = record.object('id')
  const application = id.text('applicationName')
  const { occurredAt, timeZone } = readTime(id.text('time'))
  const actor = actorOf(record.object('actor'))
  const ip = record.text('ipAddress')
  return record.objects('events').map((event, position) => {
    const name = event.text('name')
    const parameters = parametersOf(event)
    return present({
      action: actionOf(application, name),
      // A login and its challenge come as two activities with the same time and qualifier: the name tells them apart.
      sourceId: [id.text('time'), id.text('uniqueQualifier'), application, position, name].join(' '),
      event: present({
        occurredAt,
        outcome: outcomeOf(name),
        actor,
        targets: targetsOf(parameters),
        context: presentOrNone({ ip, userAgent: textOf(parameters['user_agent']) }),
        details: present({ type: event.text('type'), parameters: presentOrNone(parameters), timeZone }),
      }),
    })
  })
}

function actorOf(actor: Fields): ActorInput | undefined {
  const email = actor.text('email')
  const key = actor.text('key')
  const id = email ?? actor.text('profileId') ?? key
  if (id === undefined) return undefined
  const isKey = actor.text('callerType') === 'KEY' || id === key
  const type = key === 'SYSTEM' ? ('system' as const) : isKey ? ('service' as const) : ('user' as const)
  return present({ type, id, email })
}

/** The name alone says how it ended: `login_failure`. */
function outcomeOf(name = ''): Outcome {
  if (/denied|blocked/i.test(name)) return 'denied'
  return /fail(?:ed|ure)?(?![a-z])/i.test(name) ? 'failure' : 'success'
}

/** `[{ name, value }]` as an object; the value is in a member named after its type. */
function parametersOf(event: Fields): JsonObject {
  const parameters = Object.create(null) as JsonObject
  for (const parameter of event.objects('parameters')) {
    const name = parameter.text('name')
    const member = parameter.names().find((one) => one !== 'name')
    const value: Json | undefined = member === undefined ? undefined : parameter.value(member)
    if (name !== undefined && value !== undefined) parameters[name] = value
  }
  return parameters
}

/** Which parameters name a thing, most exact first, and which of them hold its name or its type. */
const things: readonly { readonly type: string; readonly id: string; readonly name?: string }[] = [
  { type: 'document', id: 'doc_id', name: 'doc_title' },
  { type: 'calendar', id: 'calendar_id' },
  { type: 'user', id: 'USER_EMAIL' },
  { type: 'user', id: 'target_user' },
  { type: 'member', id: 'member_id' },
  { type: 'group', id: 'GROUP_EMAIL' },
  { type: 'group', id: 'group_id' },
  { type: 'calendar', id: 'target_calendar_id' },
  { type: 'calendar', id: 'subscriber_calendar_id' },
  { type: 'folder', id: 'destination_folder_id', name: 'destination_folder_title' },
  { type: 'storage', id: 'storage_entity_id' },
  { type: 'role', id: 'ROLE_NAME' },
  { type: 'org-unit', id: 'ORG_UNIT_NAME' },
  { type: 'api-client', id: 'API_CLIENT_NAME' },
  { type: 'setting', id: 'SETTING_NAME' },
  { type: 'product', id: 'PRODUCT_NAME' },
  { type: 'application', id: 'APPLICATION_NAME' },
  { type: 'domain', id: 'DOMAIN_NAME' },
  { type: 'alert', id: 'ALERT_ID' },
]

function targetsOf(parameters: JsonObject): Reference[] {
  const seen = new Set<string>()
  const targets = things.flatMap(({ type, id: idParameter, name }) => {
    const id = textOf(parameters[idParameter])
    if (id === undefined || seen.has(`${type} ${id}`)) return []
    seen.add(`${type} ${id}`)
    return [present({ type, id, name: name === undefined ? undefined : textOf(parameters[name]) })]
  })
  return targets.slice(0, limits.targetsMax)
}
