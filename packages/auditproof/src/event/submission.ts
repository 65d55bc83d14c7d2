/**
 * The door: whatever an application passes to `record()` becomes a `Submission`, in which types are true.
 * Nothing is refused for its shape. What does not fit is replaced, its text kept in `details._unfit`, the event flagged.
 */
import { isAction, isEventId, isOutcome, isSeverity } from './clear.ts'
import { takeActor, takeChanges, takeContext, takeReason, takeReferences } from './members.ts'
import { readKeys, readMember, SnapshotBudget, takeSnapshot, takeText } from './snapshot.ts'
import { limits } from './limits.ts'
import { originKinds, type EventInput, type Origin, type OriginKind, type Producer, type Submission } from './event.ts'
import { parseTime } from './time.ts'
import { Unfit } from './unfit.ts'
import type { JsonObject } from './json.ts'

/** What the door knows and the event does not say. Time, ids and randomness come from outside: this module is pure. */
export interface Stamp {
  /** RFC 3339 UTC, for an event that says no time. */
  now: string
  newId: () => string
  /** An id in the closed vocabulary for one that is not; the same for the same text. */
  deriveId: (text: string) => string
  producer: (tenant: string) => Producer
  /** Where an event goes that names no tenant. `null`: there is no default. */
  defaultTenant: string | null
  origin: Origin
  /** Our own events may go to tenants whose names begin with "_". */
  trusted: boolean
}

/** A submission as the door leaves it, with what the log must know to compare it with a stored one. */
export interface TakenSubmission extends Submission {
  /** False when the caller gave no usable time: then it is no part of "same id, same content". */
  timed: boolean
}

export const unassignedTenant = '_unassigned'
export const systemTenant = '_system'
/** The log of the logs' checkpoints: no event goes there. */
export const metaTenant = '_meta'

const known = new Set<string>([
  'id', 'tenant', 'occurredAt', 'outcome', 'reason', 'severity', 'actor', 'target', 'targets', 'scope', 'changes',
  'before', 'after', 'context', 'details', 'origin', 'action',
]) // prettier-ignore

/** Never throws. `action` and `input` may be anything at all. */
export function takeSubmission(action: unknown, input: unknown, stamp: Stamp): TakenSubmission {
  const budget = new SnapshotBudget()
  const unfit = new Unfit(budget)
  const given: object = typeof input === 'object' && input !== null ? input : {}
  if (given !== input && input !== undefined) unfit.keep('event', input)
  const member = (key: keyof EventInput): unknown => readMember(given, key, budget)

  // In order of what matters most: when an event is too large, what comes last is cut.
  const tenant = takeTenant(given, member('tenant'), stamp, budget, unfit)
  const actor = takeActor(member('actor'), budget, unfit)
  const targets = takeReferences('targets', [member('target'), member('targets')], budget, unfit)
  const scope = takeReferences('scope', [member('scope')], budget, unfit)
  const context = takeContext(member('context'), budget, unfit)
  const reason = takeReason(member('reason'), budget, unfit)
  const changes = takeChanges(
    { changes: member('changes'), before: member('before'), after: member('after') },
    budget,
    unfit,
  )
  const details = takeDetails(member('details'), budget, unfit)
  for (const key of readKeys(given, budget)) if (!known.has(key)) unfit.keep(key, readMember(given, key, budget))

  const closedAction = typeof action === 'string' && isAction(action) ? action : 'unclassified'
  if (closedAction !== action) unfit.keep('action', action)
  const id = takeId(member('id'), stamp, unfit)
  const { time, timed } = takeTime(member('occurredAt'), stamp, unfit)
  const outcome = takeOneOf(member('outcome'), isOutcome, 'success', 'unknown', 'outcome', unfit)
  const severity = takeOneOf(member('severity'), isSeverity, 'info', 'info', 'severity', unfit)
  const origin = takeOrigin(member('origin'), stamp, budget)
  const allDetails = unfit.mergeInto(details)
  if (budget.flags.size > 0) origin.flags = [...budget.flags].sort()

  return {
    id,
    tenant,
    occurredAt: time,
    timed,
    action: closedAction,
    outcome,
    severity,
    actor,
    targets,
    producer: stamp.producer(tenant),
    origin,
    ...(reason && { reason }),
    ...(scope.length > 0 && { scope }),
    ...(changes.length > 0 && { changes }),
    ...(context && { context }),
    ...(allDetails && { details: allDetails }),
  }
}

function takeTenant(given: object, tenant: unknown, stamp: Stamp, budget: SnapshotBudget, unfit: Unfit): string {
  const named = typeof tenant === 'number' || typeof tenant === 'bigint' ? String(tenant) : tenant
  if (typeof named === 'string' && named !== '') {
    if (named === metaTenant || (named.startsWith('_') && !stamp.trusted)) {
      budget.flags.add('tenant-reserved')
      unfit.note('tenant', named)
      return unassignedTenant
    }
    return takeText(named, budget, limits.tenantUnitsMax)
  }
  // `tenant: undefined`, spread from a request without one, is not the same as an application with one tenant.
  if ((named === undefined || named === null) && stamp.defaultTenant !== null && !Object.hasOwn(given, 'tenant'))
    return stamp.defaultTenant
  if (named !== undefined && named !== null) unfit.keep('tenant', named)
  budget.flags.add('no-tenant')
  return unassignedTenant
}

function takeDetails(details: unknown, budget: SnapshotBudget, unfit: Unfit): JsonObject | undefined {
  if (details === undefined || details === null) return undefined
  const taken = takeSnapshot(details, budget)
  if (typeof taken === 'object' && taken !== null && !Array.isArray(taken))
    return Object.keys(taken).length === 0 ? undefined : taken
  unfit.keep('details', taken)
  return undefined
}

function takeId(id: unknown, stamp: Stamp, unfit: Unfit): string {
  if (id === undefined || id === null) return stamp.newId()
  if (typeof id === 'string' && isEventId(id)) return id
  unfit.keep('id', id)
  return typeof id === 'string' || typeof id === 'number' ? stamp.deriveId(String(id)) : stamp.newId()
}

function takeTime(value: unknown, stamp: Stamp, unfit: Unfit): { time: string; timed: boolean } {
  if (value === undefined || value === null) return { time: stamp.now, timed: false }
  const time = parseTime(value)
  if (time !== undefined) return { time, timed: true }
  unfit.keep('occurredAt', value)
  return { time: stamp.now, timed: false }
}

function takeOneOf<T extends string>(
  value: unknown,
  is: (value: unknown) => value is T,
  absent: T,
  replacement: T,
  name: string,
  unfit: Unfit,
): T {
  if (value === undefined || value === null) return absent
  if (is(value)) return value
  unfit.keep(name, value)
  return replacement
}

function takeOrigin(origin: unknown, stamp: Stamp, budget: SnapshotBudget): Origin {
  const given = (typeof origin === 'object' && origin !== null ? takeSnapshot(origin, budget) : {}) as JsonObject
  const kind = originKinds.find((known): known is OriginKind => known === given['kind']) ?? stamp.origin.kind
  const source = typeof given['source'] === 'string' ? given['source'] : stamp.origin.source
  const sourceId = typeof given['sourceId'] === 'string' ? given['sourceId'] : stamp.origin.sourceId
  return { kind, ...(source !== undefined && { source }), ...(sourceId !== undefined && { sourceId }) }
}
