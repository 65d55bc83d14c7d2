/**
 * The door: whatever an application passes to `record()` becomes a `Submission`, in which types are true.
 * Nothing is refused for its shape. What does not fit is replaced, its text kept in `details._unfit`, the event flagged.
 */
import { Budget } from './budget.ts'
import { isAction, isEventId, isOutcome, isSeverity } from './clear.ts'
import { hasOwn, readKeys, readMember, scalarText, withMembers } from './foreign.ts'
import { limits } from './limits.ts'
import { takeActor, takeChanges, takeContext, takeDetails, takeOrigin, takeReason, takeReferences } from './members.ts'
import { parseTime } from './time.ts'
import { takeText } from './text.ts'
import { Unfit } from './unfit.ts'
import type { Actor, EventInput, Origin, Producer, Submission } from './event.ts'

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
  const budget = new Budget()
  const unfit = new Unfit(budget)
  const inputMembers = withMembers(input)
  const given = inputMembers ?? {}
  const member = (key: keyof EventInput): unknown => readMember(given, key, budget)
  // Whatever a hostile object does that nothing below has foreseen costs one member, not the event.
  const safely = <T>(take: () => T, otherwise: () => T): T => {
    try {
      return take()
    } catch {
      budget.flags.add('unreadable')
      return otherwise()
    }
  }
  const nothing = (): undefined => undefined

  // In order of what matters most: when an event is too large, what comes last is cut.
  const tenant = safely(
    () => takeTenant(given, member('tenant'), stamp, budget, unfit),
    () => unassignedTenant,
  )
  const actor = safely(
    () => takeActor(member('actor'), budget, unfit),
    (): Actor => ({ type: 'anonymous' }),
  )
  const targets = safely(
    () => takeReferences('targets', [member('target'), member('targets')], budget, unfit),
    () => [],
  )
  const scope = safely(
    () => takeReferences('scope', [member('scope')], budget, unfit),
    () => [],
  )
  const context = safely(() => takeContext(member('context'), budget, unfit), nothing)
  const origin = safely(
    () => takeOrigin(member('origin'), stamp.origin, budget, unfit),
    () => ({ ...stamp.origin }),
  )
  const closedAction = takeAction(action, unfit)
  const id = takeId(member('id'), stamp, unfit)
  const { time, timed } = takeTime(member('occurredAt'), stamp, unfit)
  const outcome = takeOneOf(member('outcome'), isOutcome, 'success', 'unknown', 'outcome', unfit)
  const severity = takeOneOf(member('severity'), isSeverity, 'info', 'info', 'severity', unfit)
  const reason = safely(() => takeReason(member('reason'), budget, unfit), nothing)
  const states = { changes: member('changes'), before: member('before'), after: member('after') }
  const changes = safely(
    () => takeChanges(states, budget, unfit),
    () => [],
  )
  const details = safely(() => takeDetails(member('details'), budget, unfit), nothing)
  if (inputMembers === undefined && input !== undefined && input !== null) unfit.keep('event', input)
  for (const key of readKeys(given, budget).keys) {
    if (!known.has(key)) unfit.keep(key, readMember(given, key, budget))
    if (budget.spent) break
  }
  const allDetails = unfit.mergeInto(details)
  if (budget.values < 0) budget.flags.add('cut')
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

function takeTenant(given: object, tenant: unknown, stamp: Stamp, budget: Budget, unfit: Unfit): string {
  const named = tenantText(tenant)
  if (named !== undefined) {
    if (named !== metaTenant && (stamp.trusted || !named.startsWith('_')))
      return takeText(named, budget, limits.tenantUnitsMax)
    budget.flags.add('tenant-reserved')
    unfit.note('tenant', named)
    return unassignedTenant
  }
  // `tenant: undefined`, spread from a request without one, is not the same as an application with one tenant.
  const absent = tenant === undefined || tenant === null
  if (absent && stamp.defaultTenant !== null && !hasOwn(given, 'tenant')) return stamp.defaultTenant
  if (!absent) unfit.keep('tenant', tenant)
  budget.flags.add('no-tenant')
  return unassignedTenant
}

/** Neither false nor NaN: what an expression over a missing request gives is no tenant. */
function tenantText(tenant: unknown): string | undefined {
  if (typeof tenant === 'boolean' || (typeof tenant === 'number' && !Number.isFinite(tenant))) return undefined
  return scalarText(tenant) || undefined
}

function takeAction(action: unknown, unfit: Unfit): string {
  if (typeof action === 'string' && isAction(action)) return action
  unfit.keep('action', action)
  return 'unclassified'
}

function takeId(id: unknown, stamp: Stamp, unfit: Unfit): string {
  if (id === undefined || id === null) return stamp.newId()
  const text = scalarText(id)
  if (text !== undefined && isEventId(text)) return text
  unfit.keep('id', id)
  return text === undefined ? stamp.newId() : stamp.deriveId(text)
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
