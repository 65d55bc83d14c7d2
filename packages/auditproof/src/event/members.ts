/** The structured members of an event, from whatever was given. Helpers of `submission.ts`, one a member. */
import { actorTypes, changeOps, originKinds } from './event.ts'
import { Budget } from './budget.ts'
import { describeCut, takeText } from './text.ts'
import { diffStates } from './changes.ts'
import { takeSnapshot } from './snapshot.ts'
import { isList, kindOf, readItems, readKeys, readMember, scalarText, withMembers } from './foreign.ts'
import { limits } from './limits.ts'
import { parseReference } from './reference.ts'
import type { Actor, Change, Context, Origin, Reason, Reference } from './event.ts'
import type { Json, JsonObject } from './json.ts'
import type { Unfit } from './unfit.ts'

type Take = (value: unknown, budget: Budget, unfit: Unfit, place: string) => Json | undefined

/** A string; numbers and lists of strings become one, since real sources send them where a string belongs. */
const label: Take = (value, budget, unfit, place) => {
  const text = labelText(value, budget)
  if (text !== undefined) return takeText(text, budget, limits.labelUnitsMax)
  unfit.keep(place, value)
  return undefined
}

function labelText(value: unknown, budget: Budget): string | undefined {
  if (!isList(value)) return scalarText(value)
  const { items, length } = readItems(value, limits.rolesMax, budget)
  if (length === 0 || length > limits.rolesMax || !items.every((item) => typeof item === 'string')) return undefined
  const units = items.reduce((sum, item) => sum + item.length, 0)
  return units > limits.labelUnitsMax ? undefined : items.join(', ')
}

const labels: Take = (value, budget, unfit, place) => {
  const { items, length } = isList(value) ? readItems(value, limits.rolesMax, budget) : { items: [value], length: 1 }
  const taken: Json[] = []
  for (const [i, item] of items.entries()) {
    if (budget.spent) break
    budget.bytes -= 1
    const text = label(item, budget, unfit, `${place}.${i}`)
    if (text !== undefined) taken.push(text)
  }
  if (length > limits.rolesMax) leaveOut(place, length, limits.rolesMax, value, budget, unfit)
  return taken
}

const count: Take = (value, budget, unfit, place) => {
  if (typeof value === 'number' && Number.isFinite(value)) return takeSnapshot(value, budget)
  unfit.keep(place, value)
  return undefined
}

const nested =
  (fields: Record<string, Take>): Take =>
  (value, budget, unfit, place) => {
    const object = withMembers(value)
    if (object !== undefined) return takeFields(object, fields, budget, unfit, place)
    unfit.keep(place, value)
    return undefined
  }

/** The members an object may have, in the order of `fields`; others go to the unfit, under their place. */
function takeFields(
  object: object,
  fields: Record<string, Take>,
  budget: Budget,
  unfit: Unfit,
  place: string,
  others: 'kept' | 'named' = 'kept',
): Record<string, Json> {
  const taken: Record<string, Json> = {}
  budget.bytes -= 2
  for (const name in fields) {
    const value = readMember(object, name, budget)
    if (value === undefined || value === null) continue
    const json = fields[name]!(value, budget, unfit, `${place}.${name}`)
    if (json === undefined) continue
    budget.bytes -= name.length + 4
    taken[name] = json
  }
  keepOthers(object, fields, budget, unfit, place, others)
  return taken
}

function keepOthers(
  object: object,
  known: object,
  budget: Budget,
  unfit: Unfit,
  place: string,
  others: 'kept' | 'named',
): void {
  for (const key of readKeys(object, budget).keys) {
    if (Object.hasOwn(known, key)) continue
    const value = others === 'kept' ? readMember(object, key, budget) : '[not kept]'
    if (value !== undefined) unfit.keep(`${place}.${key}`, value)
    if (budget.spent) break
  }
}

/** A human behind an agent behind a service: deeper chains are kept in details. */
const onBehalfOfMax = 3

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
  credential: nested({ type: label, id: label }),
}

export function takeActor(value: unknown, budget: Budget, unfit: Unfit): Actor {
  const actor = value === undefined || value === null ? undefined : actorOf(value, budget, unfit, 'actor')
  if (actor !== undefined) return actor
  budget.flags.add('no-actor')
  return { type: 'anonymous' }
}

function actorOf(value: unknown, budget: Budget, unfit: Unfit, place: string): Actor | undefined {
  if (typeof value === 'string' && value !== '') {
    const text = takeText(value, budget, limits.labelUnitsMax)
    const { type, id } = parseReference(text)
    const known = actorTypes.find((candidate) => candidate === type)
    return known === undefined ? { type: 'user', id: text } : { type: known, id }
  }
  const object = withMembers(value)
  if (object === undefined) {
    unfit.keep(place, value)
    return undefined
  }
  // Applications pass the user they have in hand, password hash and all: what is no member of an actor is only named.
  const { type, ...rest } = takeFields(object, actorFields, budget, unfit, place, 'named')
  const known = actorTypes.find((candidate) => candidate === type)
  if (known === undefined && type !== undefined) unfit.keep(`${place}.type`, type)
  return { type: known ?? (Object.keys(rest).length > 0 ? 'user' : 'anonymous'), ...rest }
}

const referenceFields = { type: label, id: label, name: label }

/** @param given a reference or a list of them, each */
export function takeReferences(place: string, given: unknown[], budget: Budget, unfit: Unfit): Reference[] {
  const taken: Reference[] = []
  for (const some of given) {
    if (some === undefined || some === null) continue
    const { items, length } = isList(some) ? readItems(some, limits.targetsMax, budget) : { items: [some], length: 1 }
    let seen = 0
    for (const item of items) {
      if (taken.length === limits.targetsMax || budget.spent) break
      seen += 1
      if (item === undefined || item === null) continue
      const reference = referenceOf(item, budget, unfit, `${place}.${taken.length}`)
      if (reference !== undefined) taken.push(reference)
    }
    if (seen < length) leaveOut(place, length, seen, some, budget, unfit)
  }
  return taken
}

function referenceOf(item: unknown, budget: Budget, unfit: Unfit, place: string): Reference | undefined {
  const text = scalarText(item)
  if (text !== undefined) {
    budget.bytes -= 24 // {"type":"…","id":"…"}, and `unknown`
    return parseReference(takeText(text, budget, limits.labelUnitsMax))
  }
  const object = withMembers(item)
  if (object === undefined) {
    unfit.keep(place, item)
    return undefined
  }
  const { type, id, ...rest } = takeFields(object, referenceFields, budget, unfit, place)
  return { type: typeof type === 'string' ? type : 'unknown', id: typeof id === 'string' ? id : '', ...rest }
}

const takeContextFields = nested({
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
})

export function takeContext(value: unknown, budget: Budget, unfit: Unfit): Context | undefined {
  if (value === undefined || value === null) return undefined
  const context = takeContextFields(value, budget, unfit, 'context')
  return context === undefined || Object.keys(context as object).length === 0 ? undefined : (context as Context)
}

const takeReasonFields = nested({
  code: label,
  text: (value, budget, unfit, place) =>
    typeof value === 'string' ? takeText(value, budget) : label(value, budget, unfit, place),
})

/** Text, `{ code, text }`, or the error that was the reason. */
export function takeReason(value: unknown, budget: Budget, unfit: Unfit): Reason | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return { text: takeText(value, budget) }
  if (typeof value === 'object' && kindOf(value) === 'Error') {
    const { code, message } = takeSnapshot(value, budget) as { code?: string; message: string }
    return { ...(code !== undefined && { code }), text: message }
  }
  const reason = takeReasonFields(value, budget, unfit, 'reason')
  return reason === undefined || Object.keys(reason as object).length === 0 ? undefined : (reason as Reason)
}

const takeOriginFields = nested({ kind: label, source: label, sourceId: label })

/** What the event says of its origin goes before what the door says. Flags are ours: those given go to the unfit. */
export function takeOrigin(value: unknown, stamped: Origin, budget: Budget, unfit: Unfit): Origin {
  const {
    kind = stamped.kind,
    source = stamped.source,
    sourceId = stamped.sourceId,
  } = value === undefined || value === null
    ? {}
    : ((takeOriginFields(value, budget, unfit, 'origin') ?? {}) as Partial<Origin>)
  const known = originKinds.find((candidate) => candidate === kind)
  if (known === undefined) unfit.keep('origin.kind', kind)
  return {
    kind: known ?? stamped.kind,
    ...(source !== undefined && { source }),
    ...(sourceId !== undefined && { sourceId }),
  }
}

export function takeChanges(
  given: { changes: unknown; before: unknown; after: unknown },
  budget: Budget,
  unfit: Unfit,
): Change[] {
  const { changes, before, after } = given
  const taken = changes === undefined || changes === null ? [] : changesOf(changes, budget, unfit)
  if (before === undefined && after === undefined) return taken
  const differences = differencesOf(before, after, budget)
  const room = limits.changesMax - taken.length
  let seen = 0
  for (const { path, op, old, new: next } of differences.slice(0, room)) {
    if (budget.spent) break
    seen += 1
    taken.push(changeFrom(path, op, old, next, budget))
  }
  if (seen < differences.length) leaveOut('changes', differences.length, seen, differences.slice(seen), budget, unfit)
  return taken
}

/** The states themselves are not stored, so they have a size of their own; their differences count against the event. */
function differencesOf(before: unknown, after: unknown, budget: Budget): Change[] {
  const [old, oldSpent] = stateOf(before, budget)
  const [next, nextSpent] = stateOf(after, budget)
  if (!oldSpent && !nextSpent) return diffStates(old, next)
  // Two states that were cut in different places would differ in what is in both: only that they are two is told.
  const [oldText, nextText] = [old, next].map((state) =>
    state === undefined ? undefined : describeCut(JSON.stringify(state), budget),
  )
  const op = oldText === undefined ? 'add' : nextText === undefined ? 'remove' : 'replace'
  return [
    { path: '', op, ...(oldText !== undefined && { old: oldText }), ...(nextText !== undefined && { new: nextText }) },
  ]
}

function stateOf(value: unknown, budget: Budget): [Json | undefined, boolean] {
  const own = new Budget(limits.stateBytesMax)
  own.values = limits.stateValuesMax
  const state = aside(budget, own, () => takeSnapshot(value, own))
  return [state, own.spent]
}

/** Takes something with a budget of its own; what is visited and hashed on the way counts all the same. */
function aside<T>(budget: Budget, own: Budget, take: () => T): T {
  const room = (own.values = Math.min(own.values, budget.values))
  own.hashBytes = budget.hashBytes
  const taken = take()
  budget.values -= Math.min(room - own.values, Math.max(0, room))
  budget.hashBytes = own.hashBytes
  for (const flag of own.flags) budget.flags.add(flag)
  return taken
}

function changesOf(value: unknown, budget: Budget, unfit: Unfit): Change[] {
  if (!isList(value)) {
    unfit.keep('changes', value)
    return []
  }
  const { items, length } = readItems(value, limits.changesMax, budget)
  const taken: Change[] = []
  let seen = 0
  for (const item of items) {
    if (budget.spent) break
    const change = changeOf(item, budget, unfit, `changes.${seen}`)
    if (change !== undefined) taken.push(change)
    seen += 1
  }
  if (seen < length) leaveOut('changes', length, seen, value, budget, unfit)
  return taken
}

const changeMembers = { path: 0, op: 0, old: 0, new: 0 }

function changeOf(item: unknown, budget: Budget, unfit: Unfit, place: string): Change | undefined {
  const object = withMembers(item)
  const path = object && readMember(object, 'path', budget)
  if (object === undefined || typeof path !== 'string') {
    unfit.keep(place, item)
    return undefined
  }
  const [op, old, next] = ['op', 'old', 'new'].map((name) => readMember(object, name, budget))
  const known = changeOps.find((candidate) => candidate === op)
  if (known === undefined && op !== undefined) unfit.keep(`${place}.op`, op)
  keepOthers(object, changeMembers, budget, unfit, place, 'kept')
  return changeFrom(path, known, old, next, budget)
}

function changeFrom(
  path: string,
  op: Change['op'] | undefined,
  before: unknown,
  after: unknown,
  budget: Budget,
): Change {
  const taken = takeText(path, budget)
  const [old, next] = [takeSnapshot(before, budget), takeSnapshot(after, budget)]
  budget.bytes -= 48 // {"path":…,"op":"replace","old":…,"new":…},
  const known = op ?? (old === undefined ? 'add' : next === undefined ? 'remove' : 'replace')
  return { path: taken, op: known, ...(old !== undefined && { old }), ...(next !== undefined && { new: next }) }
}

/** What a list has beyond its limit: how many, and a hash over as much of it as may be visited. */
function leaveOut(place: string, length: number, taken: number, list: unknown, budget: Budget, unfit: Unfit): void {
  const own = new Budget()
  own.values = limits.cutValuesMax
  const text = JSON.stringify(aside(budget, own, () => takeSnapshot(list, own))) ?? ''
  unfit.note(place, `[cut: ${length - taken} more than ${taken}] ${describeCut(text, budget)}`)
}

export function takeDetails(details: unknown, budget: Budget, unfit: Unfit): JsonObject | undefined {
  if (details === undefined || details === null) return undefined
  const taken = takeSnapshot(details, budget)
  if (typeof taken === 'object' && taken !== null && !Array.isArray(taken))
    return Object.keys(taken).length === 0 ? undefined : taken
  unfit.keep('details', taken)
  return undefined
}
