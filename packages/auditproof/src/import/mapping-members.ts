/** The left-hand sides of a mapping file: which members an event has, and what each may be given. */
import { actorTypes, outcomes, severities } from '../event/event.ts'
import type { Json } from '../event/json.ts'
import { isObject } from './foreign.ts'
import {
  anyValue,
  inside,
  mappingProblem,
  oneOf,
  refuseUnknown,
  time,
  type Compile,
  type Read,
} from './mapping-expression.ts'

/** An object of the members that a record has; undefined where it has none of them. */
const members =
  (known: { readonly [name: string]: Compile }): Compile =>
  (given, at) => {
    if (!isObject(given)) throw mappingProblem(at, 'is no object', `its members: ${Object.keys(known).join(', ')}`)
    refuseUnknown(given, Object.keys(known), at)
    return readMembers(Object.entries(given).map(([name, value]) => [name, known[name]!(value, inside(at, name))]))
  }

const anyMembers: Compile = (given, at) => {
  if (!isObject(given)) throw mappingProblem(at, 'is no object', 'write {"name of your own": "place"}')
  return readMembers(Object.entries(given).map(([name, value]) => [name, anyValue(value, inside(at, name))]))
}

function readMembers(reads: readonly [string, Read][]): Read {
  return (record) => {
    const found = reads.flatMap(([name, read]): [string, Json][] => {
      const value = read(record)
      return value === undefined ? [] : [[name, value]]
    })
    return found.length > 0 ? Object.fromEntries(found) : undefined
  }
}

const listOf =
  (one: Compile): Compile =>
  (given, at) => {
    if (!Array.isArray(given)) throw mappingProblem(at, 'is no list', 'write [ … ]')
    const reads = given.map((item, position) => one(item, inside(at, position)))
    return (record) => reads.flatMap((read) => read(record) ?? [])
  }

/** Nothing where the record has no id for it. */
const reference: Compile = (given, at) => {
  const read = members({ type: anyValue, id: anyValue, name: anyValue })(given, at)
  if (!isObject(given) || given['id'] === undefined)
    throw mappingProblem(at, 'has no id', 'write {"type": {"value": "ticket"}, "id": …}')
  return (record) => {
    const found = read(record)
    return isObject(found) && found['id'] !== undefined ? found : undefined
  }
}

/** Nobody where the record names nobody: a type that the mapping says is no actor yet. */
const actor: Compile = (given, at) => {
  const read = members({ ...actorMembers, onBehalfOf: members(actorMembers) })(given, at)
  const names = isObject(given) ? Object.keys(given) : []
  return (record) => {
    const found = read(record)
    return isObject(found) && Object.keys(found).join() === 'type' && names.length > 1 ? undefined : found
  }
}

const values = (...names: string[]): { [name: string]: Compile } =>
  Object.fromEntries(names.map((name) => [name, anyValue]))

const actorMembers = {
  type: oneOf(actorTypes),
  ...values('id', 'name', 'email', 'roles', 'via', 'sessionId'),
  credential: members(values('type', 'id')),
}

/** The whole `event` of a mapping. */
export const eventMembers: Compile = members({
  id: anyValue,
  tenant: anyValue,
  occurredAt: time,
  action: anyValue,
  outcome: oneOf(outcomes),
  reason: members(values('code', 'text')),
  severity: oneOf(severities),
  actor,
  target: reference,
  targets: listOf(reference),
  scope: listOf(reference),
  context: members({
    ...values('ip', 'forwarded', 'userAgent', 'requestId', 'traceId', 'spanId', 'correlationId'),
    ...values('node', 'service', 'module', 'version', 'query'),
    http: members(values('method', 'route', 'path', 'status', 'durationMs')),
  }),
  details: anyMembers,
})
