/** What a list is asked for, in the words of URLs and the command line: one grammar, parsed once, strictly. */
import { AuditError } from '../errors.ts'
import { nearest } from '../query/nearest.ts'
import { parseWhen } from '../query/when.ts'

/** Which events. Times are RFC 3339 UTC: at or after `since`, before `until`. */
export interface Filter {
  tenant?: string
  /** Exact, or the beginning followed by `*`; so are actor and target, written `type/id`. */
  action?: string
  actor?: string
  target?: string
  outcome?: string
  since?: string
  until?: string
}

export const filterNames = ['tenant', 'actor', 'action', 'target', 'outcome', 'since', 'until'] as const
const outcomes = ['success', 'failure', 'denied', 'unknown']

/**
 * @param given by name; empty values count as absent, as forms send them
 * @param now milliseconds since 1970
 * @throws AuditError `usage` with the nearest known name: a filter that is misspelled must not widen the list
 */
export function parseFilter(given: { readonly [name: string]: string | undefined }, now: number): Filter {
  const filter: Filter = {}
  for (const [name, value] of Object.entries(given)) {
    const known = filterNames.find((one) => one === name)
    if (known === undefined) throw unknownName('filter', name, filterNames)
    if (value === undefined || value === '') continue
    filter[known] = known === 'since' || known === 'until' ? parseWhen(value, now) : value
  }
  const { outcome, since, until } = filter
  if (outcome !== undefined && !outcomes.includes(outcome)) throw unknownName('outcome', outcome, outcomes)
  if (since !== undefined && until !== undefined && since >= until)
    throw new AuditError('usage', `Nothing lies at or after ${since} and before ${until}.`, {
      hint: 'swap since and until',
    })
  return filter
}

export function unknownName(what: string, name: string, known: readonly string[]): AuditError {
  const meant = nearest(name, known)
  return new AuditError('usage', `There is no ${what} ${JSON.stringify(name)}.`, {
    hint: meant === undefined ? `known: ${known.join(', ')}` : `did you mean ${meant}? Known: ${known.join(', ')}`,
  })
}
