/** Values of options, parsed strictly: a typing error must not be recorded as if it were meant. */
import { AuditError } from '../errors.ts'
import { parseJson, type EventInput, type JsonObject, type Outcome, type Reference } from '../event/index.ts'
import { nearest, unknownName } from '../reader/index.ts'

type ActorInput = Exclude<EventInput['actor'], string | undefined>

const outcomes = ['success', 'failure', 'denied', 'unknown'] as const
const actorTypes = ['user', 'service', 'system', 'agent', 'anonymous'] as const

/** @throws AuditError `usage` */
export function parseOutcome(text: string): Outcome {
  const outcome = outcomes.find((known) => known === text)
  if (outcome === undefined) throw unknownName('outcome', text, outcomes)
  return outcome
}

/** `user/u_7`, or `anonymous`. @throws AuditError `usage` */
export function parseActor(text: string): ActorInput {
  if (text === 'anonymous') return { type: 'anonymous' }
  const { type, id } = parseTarget('--actor', text)
  const known = actorTypes.find((one) => one === type)
  if (known === undefined) throw unknownName('type of actor', type, actorTypes)
  return { type: known, id }
}

/** `case/c_12`. @throws AuditError `usage` */
export function parseTarget(option: string, text: string): Reference {
  const slash = text.indexOf('/')
  if (slash <= 0 || slash === text.length - 1)
    throw new AuditError('usage', `${option} ${JSON.stringify(text)} is not type/id.`, {
      hint: `for example ${option} ${option === '--actor' ? 'user/u_7' : 'case/c_12'}`,
    })
  return { type: text.slice(0, slash), id: text.slice(slash + 1) }
}

/** @throws AuditError `usage` */
export function parseDetails(text: string): JsonObject {
  let value: unknown
  try {
    value = parseJson(text)
  } catch (cause) {
    throw new AuditError('usage', `--details is not JSON: ${cause instanceof Error ? cause.message : String(cause)}.`, {
      hint: `quote it for the shell: --details '{"reason":"duplicate"}'`,
      cause,
    })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new AuditError('usage', '--details is JSON, but not an object.', {
      hint: `write members: --details '{"reason":"duplicate"}'`,
    })
  return value as JsonObject
}

/** A count of at least 1, or `all`. @throws AuditError `usage` */
export function parseCount(option: string, text: string): number {
  if (text === 'all') return Number.POSITIVE_INFINITY
  const count = Number(text)
  if (!/^\d{1,15}$/.test(text) || count < 1)
    throw new AuditError('usage', `${option} ${JSON.stringify(text)} is not a count.`, {
      hint: `${option} 20, or ${option} all`,
    })
  return count
}

/** One of a list. @throws AuditError `usage` */
export function parseChoice<T extends string>(option: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((known) => known === text)
  if (choice === undefined) {
    const meant = nearest(text, choices)
    throw new AuditError('usage', `${option} ${JSON.stringify(text)} is not known.`, {
      hint: `${meant === undefined ? 'known' : `did you mean ${meant}? Known`}: ${choices.join(', ')}`,
    })
  }
  return choice
}
