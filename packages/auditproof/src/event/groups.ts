/** The five groups of an event: what each discloses, and back. */
import { AuditError } from '../errors.ts'
import { disclosureDigest, decodeDisclosure, type Disclosure, type Group } from './disclosure.ts'
import type { Actor, AuditEvent, Change, Context, Origin, Reason, Reference, Submission } from './event.ts'
import type { Json, JsonObject } from './json.ts'

/** What is not about who, what and whom, but stands in the context group. */
export type ContextValue = Context & { origin: Origin }
export type TargetValue = { targets: Reference[]; scope?: Reference[] } | null
export type DetailsValue = { details?: JsonObject; reason?: Reason } | null

export interface GroupValues {
  actor: Actor | null
  target: TargetValue
  context: ContextValue
  changes: Change[] | null
  details: DetailsValue
}

export function groupValues(event: Submission): GroupValues {
  const { targets, scope, reason, details } = event
  return {
    actor: event.actor,
    target: targets.length === 0 && scope === undefined ? null : { targets, ...(scope && { scope }) },
    context: { ...event.context, origin: event.origin },
    changes: event.changes ?? null,
    details:
      reason === undefined && details === undefined ? null : { ...(details && { details }), ...(reason && { reason }) },
  }
}

/** The members of an event that its disclosed groups give; a group that is withheld or erased gives none. */
export function eventMembers(values: Partial<GroupValues>): Partial<AuditEvent> {
  const { actor, target, context, changes, details } = values
  const members: Partial<AuditEvent> = {}
  if (actor) members.actor = actor
  if (target !== undefined) members.targets = target?.targets ?? []
  if (target?.scope) members.scope = target.scope
  if (context) {
    const { origin, ...rest } = context
    members.origin = origin
    if (Object.keys(rest).length > 0) members.context = rest
  }
  if (changes) members.changes = changes
  if (details?.details) members.details = details.details
  if (details?.reason) members.reason = details.reason
  return members
}

/** The disclosed values of an entry, each checked against the digests that the entry holds. */
export interface OpenedGroups {
  values: Partial<GroupValues>
  /** Groups without a disclosure. */
  missing: Group[]
  /** Changes whose own disclosure is not there, although the group is. */
  missingChanges: number
}

/**
 * @param digests those of the entry
 * @param disclosures any of them, in any order
 * @throws AuditError `disclosure_malformed`; `digest_mismatch` when one is no part of this entry, or stands twice
 */
export function openDisclosures(digests: readonly string[], disclosures: readonly string[]): OpenedGroups {
  const byDigest = new Map<string, Disclosure>()
  for (const text of disclosures) {
    const digest = disclosureDigest(text)
    if (byDigest.has(digest)) throw new AuditError('digest_mismatch', 'A disclosure stands twice.')
    byDigest.set(digest, decodeDisclosure(text))
  }
  const found = new Map<Group, Json>()
  for (const digest of digests) {
    const disclosure = take(byDigest, digest)
    if (disclosure === undefined) continue
    if (disclosure.group === undefined || found.has(disclosure.group))
      throw new AuditError('digest_mismatch', `Two disclosures of an entry claim the same place.`)
    found.set(disclosure.group, disclosure.value)
  }
  const { changes, missingChanges } = openChanges(found.get('changes'), byDigest)
  if (byDigest.size > 0)
    throw new AuditError('digest_mismatch', `${byDigest.size} of the disclosures are no part of this entry.`)
  const values = Object.fromEntries(found) as Partial<GroupValues>
  if (changes !== undefined) values.changes = changes
  const missing = (['actor', 'target', 'context', 'changes', 'details'] as const).filter((group) => !found.has(group))
  return { values, missing, missingChanges }
}

/** The changes group holds `{"...": digest}` for each change: RFC 9901 section 4.2.4.2. */
function openChanges(
  value: Json | undefined,
  byDigest: Map<string, Disclosure>,
): { changes: Change[] | null | undefined; missingChanges: number } {
  if (value === undefined || value === null) return { changes: value, missingChanges: 0 }
  if (!Array.isArray(value)) throw new AuditError('disclosure_malformed', 'A changes group is not an array.')
  const changes: Change[] = []
  let missingChanges = 0
  for (const element of value) {
    const digest = changeDigest(element)
    const disclosure = take(byDigest, digest)
    if (disclosure === undefined) missingChanges += 1
    else if (disclosure.group !== undefined)
      throw new AuditError('digest_mismatch', 'A group stands where a change belongs.')
    else changes.push(disclosure.value as unknown as Change)
  }
  return { changes, missingChanges }
}

function changeDigest(element: Json): string {
  if (typeof element === 'object' && element !== null && !Array.isArray(element)) {
    const digest = element['...']
    if (typeof digest === 'string' && Object.keys(element).length === 1) return digest
  }
  throw new AuditError('disclosure_malformed', 'An element of a changes group is not a digest.')
}

function take<K, V>(map: Map<K, V>, key: K): V | undefined {
  const value = map.get(key)
  if (value !== undefined) map.delete(key)
  return value
}
