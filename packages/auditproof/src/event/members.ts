/** The structured members of an event, from whatever was given. Helpers of `submission.ts`, one a member. */
import { actorTypes, changeOps, type Actor, type Change, type Context, type Reason, type Reference } from './event.ts'
import { describeCut } from './text.ts'
import { diffStates } from './changes.ts'
import { limits } from './limits.ts'
import { parseReference } from './reference.ts'
import { readKeys, readMember, SnapshotBudget, takeSnapshot, takeText } from './snapshot.ts'
import type { Json } from './json.ts'
import type { Unfit } from './unfit.ts'

type Take = (value: unknown, budget: SnapshotBudget, unfit: Unfit, place: string) => Json | undefined

/** A string; numbers and lists of strings become one, since real sources send them where a string belongs. */
const label: Take = (value, budget, unfit, place) => {
  if (typeof value === 'string') return takeText(value, budget, limits.labelUnitsMax)
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string'))
    return takeText(value.join(', '), budget, limits.labelUnitsMax)
  unfit.keep(place, value)
  return undefined
}

const labels: Take = (value, budget, unfit, place) => {
  const list: unknown[] = Array.isArray(value) ? value : [value]
  if (list.length > limits.rolesMax) unfit.keep(place, list.slice(limits.rolesMax))
  return list.slice(0, limits.rolesMax).flatMap((item) => label(item, budget, unfit, place) ?? [])
}

const count: Take = (value, _budget, unfit, place) => {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  unfit.keep(place, value)
  return undefined
}

const nested =
  (fields: Record<string, Take>): Take =>
  (value, budget, unfit, place) => {
    if (typeof value === 'object' && value !== null) return takeFields(value, fields, budget, unfit, place) as Json
    unfit.keep(place, value)
    return undefined
  }

/** The members an object may have, in the order of `fields`; others go to the unfit, under their place. */
function takeFields(
  object: object,
  fields: Record<string, Take>,
  budget: SnapshotBudget,
  unfit: Unfit,
  place: string,
): Record<string, Json> {
  const taken: Record<string, Json> = {}
  for (const name in fields) {
    const value = readMember(object, name, budget)
    if (value === undefined || value === null) continue
    const json = fields[name]!(value, budget, unfit, `${place}.${name}`)
    if (json !== undefined) taken[name] = json
  }
  for (const key of readKeys(object, budget))
    if (!Object.hasOwn(fields, key)) {
      const value = readMember(object, key, budget)
      if (value !== undefined) unfit.keep(`${place}.${key}`, value)
    }
  return taken
}

/** A human behind an agent behind a service: deeper chains are kept in details. */
const onBehalfOfMax = 3

const credentialFields = { type: label, id: label }
const actorFields: Record<string, Take> = {
  type: label,
  id: label,
  name: label,
  email: label,
  roles: labels,
  onBehalfOf: (value, budget, unfit, place) => {
    if (place.split('.').length <= onBehalfOfMax + 1) return actorOf(value, budget, unfit, place) as unknown as Json
    unfit.keep(place, value)
    return undefined
  },
  via: label,
  sessionId: label,
  credential: nested(credentialFields),
}

export function takeActor(value: unknown, budget: SnapshotBudget, unfit: Unfit): Actor {
  const actor = value === undefined || value === null ? undefined : actorOf(value, budget, unfit, 'actor')
  if (actor !== undefined) return actor
  budget.flags.add('no-actor')
  return { type: 'anonymous' }
}

function actorOf(value: unknown, budget: SnapshotBudget, unfit: Unfit, place: string): Actor | undefined {
  if (typeof value === 'string' && value !== '') {
    const text = takeText(value, budget, limits.labelUnitsMax)
    const { type, id } = parseReference(text)
    const known = actorTypes.find((candidate) => candidate === type)
    return known === undefined ? { type: 'user', id: text } : { type: known, id }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    unfit.keep(place, value)
    return undefined
  }
  const { type, ...rest } = takeFields(value, actorFields, budget, unfit, place)
  const known = actorTypes.find((candidate) => candidate === type)
  if (known === undefined && type !== undefined) unfit.keep(`${place}.type`, type)
  return { type: known ?? (Object.keys(rest).length > 0 ? 'user' : 'anonymous'), ...rest } as Actor
}

const referenceFields = { type: label, id: label, name: label }

export function takeReferences(place: string, given: unknown[], budget: SnapshotBudget, unfit: Unfit): Reference[] {
  const taken: Reference[] = []
  let left = 0
  for (const item of given.flatMap((some): unknown[] => (Array.isArray(some) ? some : [some]))) {
    if (item === undefined || item === null) continue
    if (taken.length >= limits.targetsMax) left += 1
    else {
      const reference = referenceOf(item, budget, unfit, `${place}.${taken.length}`)
      if (reference !== undefined) taken.push(reference)
    }
  }
  if (left > 0) cut(place, `[cut: ${left} more than ${limits.targetsMax}]`, given, budget, unfit)
  return taken
}

function referenceOf(item: unknown, budget: SnapshotBudget, unfit: Unfit, place: string): Reference | undefined {
  if (typeof item === 'string' || typeof item === 'number')
    return parseReference(takeText(String(item), budget, limits.labelUnitsMax))
  if (typeof item !== 'object' || item === null) {
    unfit.keep(place, item)
    return undefined
  }
  const { type, id, ...rest } = takeFields(item, referenceFields, budget, unfit, place)
  return { type: typeof type === 'string' ? type : 'unknown', id: typeof id === 'string' ? id : '', ...rest }
}

const contextFields: Record<string, Take> = {
  ip: label,
  forwarded: labels,
  userAgent: label,
  requestId: label,
  traceId: label,
  spanId: label,
  correlationId: label,
  node: label,
  service: label,
  module: label,
  version: label,
  query: label,
  http: nested({ method: label, route: label, path: label, status: count, durationMs: count }),
}

export function takeContext(value: unknown, budget: SnapshotBudget, unfit: Unfit): Context | undefined {
  if (value === undefined || value === null) return undefined
  const context = nested(contextFields)(value, budget, unfit, 'context')
  return context === undefined || Object.keys(context as object).length === 0 ? undefined : (context as Context)
}

const reasonFields: Record<string, Take> = {
  code: label,
  text: (value, budget, unfit, place) =>
    typeof value === 'string' ? takeText(value, budget) : label(value, budget, unfit, place),
}

export function takeReason(value: unknown, budget: SnapshotBudget, unfit: Unfit): Reason | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return { text: takeText(value, budget) }
  const reason = nested(reasonFields)(value, budget, unfit, 'reason')
  return reason === undefined || Object.keys(reason as object).length === 0 ? undefined : (reason as Reason)
}

export function takeChanges(
  given: { changes: unknown; before: unknown; after: unknown },
  budget: SnapshotBudget,
  unfit: Unfit,
): Change[] {
  const found = given.changes === undefined || given.changes === null ? [] : changesOf(given.changes, budget, unfit)
  if (given.before !== undefined || given.after !== undefined) {
    // The states themselves are not stored, so they have a size of their own; their differences count against the event.
    const states = new SnapshotBudget()
    const differences = diffStates(takeSnapshot(given.before, states), takeSnapshot(given.after, states))
    for (const flag of states.flags) budget.flags.add(flag)
    found.push(
      ...differences.slice(0, limits.changesMax + 1).map((change) => takeSnapshot(change, budget) as unknown as Change),
    )
  }
  if (found.length > limits.changesMax) {
    cut('changes', `[cut: more than ${limits.changesMax}]`, found, budget, unfit)
    return found.slice(0, limits.changesMax)
  }
  return found
}

function changesOf(value: unknown, budget: SnapshotBudget, unfit: Unfit): Change[] {
  const taken = takeSnapshot(value, budget)
  if (!Array.isArray(taken)) {
    unfit.keep('changes', taken)
    return []
  }
  return taken.flatMap((change, i): Change[] => {
    const {
      path,
      op,
      old,
      new: next,
      ...rest
    } = (typeof change === 'object' && change !== null ? change : {}) as Record<string, Json>
    const known = changeOps.find((candidate) => candidate === op) ?? inferOp(old, next)
    if (typeof path !== 'string' || Object.keys(rest).length > 0 || (op !== undefined && known !== op))
      unfit.keep(`changes.${i}`, change)
    if (typeof path !== 'string') return []
    return [{ path, op: known, ...(old !== undefined && { old }), ...(next !== undefined && { new: next }) }]
  })
}

const inferOp = (old: Json | undefined, next: Json | undefined): Change['op'] =>
  old === undefined ? 'add' : next === undefined ? 'remove' : 'replace'

function cut(place: string, text: string, whole: unknown, budget: SnapshotBudget, unfit: Unfit): void {
  budget.flags.add('cut')
  unfit.note(place, `${text} ${describeCut(JSON.stringify(takeSnapshot(whole, new SnapshotBudget())) ?? '')}`)
}
