/**
 * Clear members stand in the entry for ever and can never be erased, so their vocabulary is closed:
 * no free text, hence no personal data by accident.
 */
import { limits } from './limits.ts'
import { isTime } from './time.ts'
import { outcomes, severities, type Outcome, type Producer, type Severity } from './event.ts'

export interface ClearMembers {
  id: string
  action: string
  outcome: Outcome
  severity: Severity
  occurredAt: string
  recordedAt: string
  producer: Producer
}

const actionGrammar = /^[A-Za-z0-9_]+(?:[.:/-][A-Za-z0-9_]+)*$/
const idGrammar = /^[A-Za-z0-9._:-]+$/

export const isAction = (text: string): boolean => text.length <= limits.actionCharsMax && actionGrammar.test(text)
export const isEventId = (text: string): boolean => text.length <= limits.idCharsMax && idGrammar.test(text)
export const isProducerId = (text: string): boolean => text.length <= limits.producerCharsMax && idGrammar.test(text)
export const isOutcome = (text: unknown): text is Outcome => (outcomes as readonly unknown[]).includes(text)
export const isSeverity = (text: unknown): text is Severity => (severities as readonly unknown[]).includes(text)

/** The first thing that is wrong with these members, in words; undefined when nothing is. */
export function clearMembersProblem(clear: ClearMembers): string | undefined {
  if (!isEventId(clear.id)) return `id ${JSON.stringify(clear.id)}`
  if (!isAction(clear.action)) return `action ${JSON.stringify(clear.action)}`
  if (!isOutcome(clear.outcome)) return `outcome ${JSON.stringify(clear.outcome)}`
  if (!isSeverity(clear.severity)) return `severity ${JSON.stringify(clear.severity)}`
  if (!isTime(clear.occurredAt)) return `occurredAt ${JSON.stringify(clear.occurredAt)}`
  if (!isTime(clear.recordedAt)) return `recordedAt ${JSON.stringify(clear.recordedAt)}`
  const { id, boot, n } = clear.producer
  if (!isProducerId(id) || !isProducerId(boot)) return `producer ${JSON.stringify(clear.producer)}`
  if (!Number.isSafeInteger(n) || n < 0) return `producer.n ${n}`
  return undefined
}
