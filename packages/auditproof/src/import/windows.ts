/**
 * One event of the Windows Security channel as log shippers (NXLog, Winlogbeat, Logstash) flatten it: the members of
 * EventData stand beside those of System.
 * https://learn.microsoft.com/windows/security/threat-protection/auditing/security-auditing-overview
 */
import type { ActorInput, Outcome, Reference } from '../event/event.ts'
import { actionOf } from './action.ts'
import type { Fields } from './fields.ts'
import { present, presentOrNone } from './foreign.ts'
import type { Mapped } from './mapped.ts'
import { readTime } from './times.ts'

/** Why this is no Windows event. */
export const windowsProblem = (record: Fields): string | undefined =>
  record.text('EventID') === undefined ? 'it is no Windows event: it has no EventID' : undefined

export function mapWindows(record: Fields): Mapped {
  const computer = record.text('Hostname') ?? record.text('Computer') ?? record.text('ComputerName')
  const channel = record.text('Channel')
  const number = record.text('RecordNumber') ?? record.text('EventRecordID')
  const { occurredAt, timeZone } = readTime(record.text('EventTime') ?? record.text('TimeCreated'))
  const outcome = outcomes[record.text('EventType') ?? ''] ?? 'unknown'
  const port = said(record, 'IpPort') ?? said(record, 'SourcePort')
  return present({
    action: actionOf(channel ?? 'Windows', record.text('EventID')),
    // Each channel of a computer counts its own records.
    sourceId: computer === undefined || number === undefined ? undefined : [computer, channel, number].join(' '),
    event: present({
      occurredAt,
      outcome,
      reason: outcome === 'failure' ? reasonOf(record) : undefined,
      actor: actorOf(record),
      targets: targetsOf(record),
      context: presentOrNone({
        ip: said(record, 'IpAddress') ?? said(record, 'SourceAddress'),
        node: computer,
        service: record.text('SourceName'),
      }),
      details: present({
        // "An account was successfully logged on.": the rest of the message repeats the members.
        summary: /^[^\r\n]+/.exec(record.text('Message') ?? '')?.[0],
        category: record.text('Category'),
        logonType: said(record, 'LogonType'),
        process: said(record, 'ProcessName'),
        commandLine: said(record, 'CommandLine'),
        port,
        timeZone,
      }),
    }),
  })
}

const outcomes: { readonly [type: string]: Outcome } = { AUDIT_SUCCESS: 'success', AUDIT_FAILURE: 'failure' }

/** NTSTATUS codes, and a number that Windows has the words for. */
const reasonOf = (record: Fields): { code?: string; text?: string } | undefined =>
  presentOrNone({ code: said(record, 'SubStatus') ?? said(record, 'Status'), text: said(record, 'FailureReason') })

/** Windows writes `-`, and the SID of nobody, where there is nothing to say. */
function said(record: Fields, name: string): string | undefined {
  const text = record.text(name)
  return text === '-' || text === 'S-1-0-0' ? undefined : text
}

/** Who asked; where nobody had logged on yet, who was to be. */
function actorOf(record: Fields): ActorInput | undefined {
  const subject = accountOf(record, 'Subject')
  return subject ?? accountOf(record, 'Target') ?? accountNamed(said(record, 'UserName'), said(record, 'UserSid'))
}

function accountOf(record: Fields, role: 'Subject' | 'Target'): ActorInput | undefined {
  const name = said(record, `${role}UserName`)
  const domain = said(record, `${role}DomainName`)
  const account = accountNamed(
    name !== undefined && domain !== undefined ? `${domain}\\${name}` : name,
    said(record, `${role}UserSid`),
  )
  const sessionId = said(record, `${role}LogonId`)
  return account && present({ ...account, name, sessionId: sessionId === '0x0' ? undefined : sessionId })
}

function accountNamed(account: string | undefined, sid: string | undefined): ActorInput | undefined {
  const id = account ?? sid
  return id === undefined ? undefined : { type: typeOfAccount(id, sid), id }
}

/** Well-known SIDs: https://learn.microsoft.com/windows/win32/secauthz/well-known-sids */
function typeOfAccount(account: string, sid: string | undefined): 'system' | 'service' | 'anonymous' | 'user' {
  if (sid === 'S-1-5-7' || account.endsWith('ANONYMOUS LOGON')) return 'anonymous'
  if (sid === 'S-1-5-18') return 'system'
  // Local and network service, virtual and window manager accounts, and those of computers.
  return /^S-1-5-(?:19|20|80-|90-|96-)/.test(sid ?? '') || account.endsWith('$') ? 'service' : 'user'
}

const things: readonly (readonly [type: string, id: string])[] = [
  ['process', 'NewProcessName'],
  ['share', 'ShareName'],
  ['task', 'TaskName'],
  ['service', 'ServiceName'],
  ['key', 'KeyName'],
  ['group', 'TargetSid'],
  ['filter', 'FilterName'],
  ['rule', 'RuleName'],
  ['application', 'Application'],
]

function targetsOf(record: Fields): Reference[] {
  const object = said(record, 'ObjectName')
  const user = accountOf(record, 'Target')
  return [
    ...(object === undefined ? [] : [{ type: said(record, 'ObjectType') ?? 'object', id: object }]),
    ...(user?.id === undefined ? [] : [present({ type: 'user', id: user.id, name: user.name })]),
    ...things.flatMap(([type, name]) => {
      const id = said(record, name)
      return id === undefined ? [] : [{ type, id }]
    }),
  ]
}
