/** The columns of a CSV file of events: what a lawyer or an auditor asks for. Columns are only added, at the end. */
import { formatReference, type Actor, type Group, type Reference } from '../event/index.ts'
import type { ReadEvent } from './event.ts'
import { describeChange } from './sentence.ts'
import { visibleJson } from './visible.ts'

export interface Column {
  readonly name: string
  /** For the documentation. */
  readonly about: string
  readonly text: (event: ReadEvent) => string | number | undefined
  /** Of which erased group it would speak. */
  readonly group?: Group
  readonly json?: true
}

/**
 * The first column is closed text of ours: however the row is torn, it does not begin with what somebody else wrote.
 */
export const csvColumns: readonly Column[] = [
  { name: 'time', about: 'when it happened, RFC 3339 UTC', text: (e) => e.occurredAt },
  { name: 'recorded', about: 'when the log took it, RFC 3339 UTC', text: (e) => e.recordedAt },
  { name: 'tenant', about: 'whose trail', text: (e) => e.tenant },
  { name: 'index', about: 'its place in the log, from 0', text: (e) => e.index },
  { name: 'id', about: 'its identity', text: (e) => e.id },
  { name: 'action', about: 'what was done', text: (e) => e.action },
  { name: 'outcome', about: 'success, failure, denied or unknown', text: (e) => e.outcome },
  { name: 'severity', about: 'info, notice, warning or critical', text: (e) => e.severity },
  {
    name: 'actor_type',
    about: 'user, service, system, agent or anonymous',
    text: (e) => e.actor?.type,
    group: 'actor',
  },
  { name: 'actor_id', about: 'who', text: (e) => e.actor?.id, group: 'actor' },
  { name: 'actor_name', about: 'as they were called then', text: (e) => e.actor?.name, group: 'actor' },
  { name: 'actor_email', about: 'their address then', text: (e) => e.actor?.email, group: 'actor' },
  { name: 'on_behalf_of', about: 'for whom, and for whom those acted', text: behindActor, group: 'actor' },
  { name: 'via', about: 'through what', text: (e) => e.actor?.via, group: 'actor' },
  { name: 'session', about: 'session of the actor', text: (e) => e.actor?.sessionId, group: 'actor' },
  { name: 'targets', about: 'what it was done to, the first first', text: (e) => named(e.targets), group: 'target' },
  { name: 'scope', about: 'what that belongs to, from the root', text: (e) => named(e.scope), group: 'target' },
  { name: 'ip', about: 'where it came from', text: (e) => e.context?.ip, group: 'context' },
  { name: 'user_agent', about: 'with what', text: (e) => e.context?.userAgent, group: 'context' },
  { name: 'request', about: 'id of the request', text: (e) => e.context?.requestId, group: 'context' },
  {
    name: 'correlation',
    about: 'id that several events share',
    text: (e) => e.context?.correlationId,
    group: 'context',
  },
  { name: 'reason_code', about: 'why, as a code', text: (e) => e.reason?.code, group: 'details' },
  { name: 'reason', about: 'why, in words', text: (e) => e.reason?.text, group: 'details' },
  { name: 'changes', about: 'field: before → after, one behind the other', text: changesOf, group: 'changes' },
  { name: 'details', about: "the application's own, as JSON", text: detailsOf, group: 'details', json: true },
  { name: 'source', about: 'how it came: direct, import and from what', text: sourceOf, group: 'context' },
  { name: 'source_id', about: 'its id there', text: (e) => e.origin?.sourceId, group: 'context' },
  {
    name: 'flags',
    about: 'what was done to it on its way in',
    text: (e) => e.origin?.flags?.join(' '),
    group: 'context',
  },
  { name: 'log', about: 'origin of the log', text: (e) => e.log },
  { name: 'leaf_hash', about: 'SHA-256 that the log holds of it, hex', text: (e) => e.leafHash },
  { name: 'erased', about: 'groups that were erased', text: erasedOf },
  { name: 'problem', about: 'where what is stored contradicts itself', text: (e) => e.problem },
]

const between = ' | '

function named(references: readonly Reference[] | undefined): string | undefined {
  return references?.map(nameAndId).join(between) || undefined
}

const nameAndId = (reference: { type: string; id?: string; name?: string }): string =>
  formatReference(reference) + (reference.name === undefined ? '' : ` (${reference.name})`)

function behindActor({ actor }: ReadEvent): string | undefined {
  const chain: string[] = []
  for (let one: Actor | undefined = actor?.onBehalfOf; one !== undefined; one = one.onBehalfOf)
    chain.push(nameAndId(one))
  return chain.join(between) || undefined
}

function changesOf({ changes = [], erasedChanges = 0 }: ReadEvent): string | undefined {
  const told = changes.map(describeChange)
  if (erasedChanges > 0) told.push(`(${erasedChanges} erased)`)
  return told.join(between) || undefined
}

function detailsOf({ details }: ReadEvent): string | undefined {
  return details === undefined ? undefined : visibleJson(details)
}

function sourceOf({ origin }: ReadEvent): string | undefined {
  return origin && [origin.kind, ...(origin.source === undefined ? [] : [origin.source])].join(' ')
}

function erasedOf({ erased, erasedChanges = 0 }: ReadEvent): string | undefined {
  return [...erased, ...(erasedChanges > 0 ? [`${erasedChanges} changes`] : [])].join(' ') || undefined
}
