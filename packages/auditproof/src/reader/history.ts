/** What happened to one thing, and who last deleted or changed it. */
import type { Query } from '../query/index.ts'
import { listEvents, type EventPage, type ListRequest, type Source } from './list.ts'
import type { ReadEvent } from './event.ts'
import { whoLimits } from './limits.ts'

/** All events of a target, newest first. @param target `type/id`, an id or a name */
export function history(
  source: Source,
  target: string,
  options: Omit<ListRequest, 'filter'> & { tenant?: string } = {},
): Promise<EventPage> {
  const { tenant, ...rest } = options
  return listEvents(source, {
    ...rest,
    filter: { query: aboutTarget(target), ...(tenant !== undefined && { tenant }) },
  })
}

export interface WhoReport {
  /** The newest event that ended it, if any: such an event answers first, also when others came after. */
  ended?: ReadEvent
  /** The newest others that did something to it, newest first. */
  before: ReadEvent[]
  /** False: older events were not looked through, and one of them may have ended it or belong to `before`. */
  complete: boolean
}

/** "Who deleted this?" Reads on until that is answered, all is read, or `whoLimits` are met. */
export async function who(
  source: Source,
  target: string,
  options: { tenant?: string; limit?: number } = {},
): Promise<WhoReport> {
  const { tenant, limit = 5 } = options
  const { eventsMax, pagesMax } = whoLimits
  const events: ReadEvent[] = []
  let cursor: string | undefined
  for (let pages = 1; ; pages++) {
    const page = await history(source, target, {
      limit: eventsMax - events.length,
      cursor,
      ...(tenant !== undefined && { tenant }),
    })
    events.push(...page.events)
    cursor = page.next
    const answer = answerFrom(events, limit)
    const complete = cursor === undefined || (answer.ended !== undefined && answer.before.length === limit)
    if (complete || events.length === eventsMax || pages === pagesMax) return { ...answer, complete }
  }
}

/** @param events newest first */
function answerFrom(events: readonly ReadEvent[], limit: number): Omit<WhoReport, 'complete'> {
  const ended = events.find((event) => isEnding(event) && event.outcome !== 'denied' && event.outcome !== 'failure')
  return {
    ...(ended && { ended }),
    before: events.filter((event) => event !== ended && isChange(event)).slice(0, limit),
  }
}

const endings = /^(?:delete|remove|destroy|purge|erase|drop|terminate|archive)d?$|^(?:destroy|dropp)ed$/
const reads = /^(?:read|view|get|list|describe|head)$/

const isEnding = (event: ReadEvent): boolean => verbOf(event).some((word) => endings.test(word))

/** Reads are history as well, but not an answer to who did it. */
const isChange = (event: ReadEvent): boolean => !reads.test(verbOf(event)[0] ?? '')

/** What was done, without what it was done to: of `s3.DeleteObject` delete and object, of `case.soft_delete` both words. */
const verbOf = ({ action = '' }: ReadEvent): string[] =>
  (action.split(/[.:/]/).at(-1) ?? '').split(/[_-]|(?<=[a-z])(?=[A-Z])/).map((word) => word.toLowerCase())

const aboutTarget = (target: string): Query => ({
  terms: [{ kind: 'key', key: 'target', comparison: '=', value: target, prefix: false, negated: false }],
})
