/**
 * The other side of the door: a submission comes back from a queue, a spool or `pending` as JSON text, and may have
 * been written there by anybody. What this returns is true to its types, so that one bad text takes no other down.
 */
import { AuditError } from '../errors.ts'
import { clearMembersProblem } from './clear.ts'
import { actorTypes, changeOps, originKinds } from './event.ts'
import { limits } from './limits.ts'
import { parseJson } from './parse-json.ts'
import { metaTenant, type TakenSubmission } from './submission.ts'
import { isStorable } from './text.ts'

type Check = (value: unknown) => boolean

/** @throws AuditError `input_malformed`, whose message says what is wrong and repeats nothing that may be erased */
export function parseSubmission(text: string): TakenSubmission {
  if (text.length > limits.submissionUnitsMax) throw malformed(`longer than ${limits.submissionUnitsMax}`)
  let value: unknown
  try {
    value = parseJson(text)
  } catch (cause) {
    throw malformed('no JSON', cause)
  }
  if (!isObject(value)) throw malformed('no object')
  for (const name in members) if (!members[name]!(value[name])) throw malformed(`without a ${name} that can be read`)
  const submission = value as unknown as TakenSubmission
  const problem = clearMembersProblem({ ...submission, recordedAt: submission.occurredAt })
  if (problem !== undefined) throw malformed(`with the ${problem}`)
  if (!isPlain(value, limits.submissionDepthMax)) throw malformed('with text that no store can hold, or too deep')
  return submission
}

const isText: Check = (value) => typeof value === 'string'
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const oneOf =
  (known: readonly unknown[]): Check =>
  (value) =>
    known.includes(value)
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const listOf =
  (check: Check, max: number): Check =>
  (value) =>
    Array.isArray(value) && value.length <= max && value.every(check)
const objectWith =
  (checks: Record<string, Check>): Check =>
  (value) =>
    isObject(value) && Object.keys(checks).every((name) => checks[name]!(value[name]))

const isReference = objectWith({ type: isText, id: isText, name: optional(isText) })
const isActor: Check = objectWith({
  type: oneOf(actorTypes),
  id: optional(isText),
  name: optional(isText),
  onBehalfOf: optional((value) => isActor(value)),
})

/** Those whose type something relies on. What else an object holds is kept as it is. */
const members: Record<string, Check> = {
  id: isText,
  tenant: (tenant) =>
    isText(tenant) && tenant !== '' && tenant !== metaTenant && (tenant as string).length <= limits.tenantUnitsMax,
  occurredAt: isText,
  timed: (timed) => typeof timed === 'boolean',
  action: isText,
  producer: objectWith({ id: isText, boot: isText, n: (n) => typeof n === 'number' }),
  actor: isActor,
  targets: listOf(isReference, limits.targetsMax),
  scope: optional(listOf(isReference, limits.targetsMax)),
  changes: optional(listOf(objectWith({ path: isText, op: oneOf(changeOps) }), limits.changesMax)),
  context: optional(isObject),
  reason: optional(isObject),
  details: optional(isObject),
  origin: objectWith({ kind: oneOf(originKinds) }),
}

/** Whether every text in it can be stored, and it ends within `depth` levels. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return isStorable(value)
  if (typeof value !== 'object' || value === null) return true
  if (depth === 0) return false
  if (Array.isArray(value)) return value.every((item) => isPlain(item, depth - 1))
  for (const key in value)
    if (!isStorable(key) || !isPlain((value as Record<string, unknown>)[key], depth - 1)) return false
  return true
}

const malformed = (what: string, cause?: unknown): AuditError =>
  new AuditError('input_malformed', `This is no event: it is ${what}.`, { cause })
