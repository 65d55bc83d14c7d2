/** What stands in an address behind the question mark: names that are known, each once. */
import { AuditError } from '../errors.ts'
import { filterNames, parseFilter, unknownName, type ListRequest } from '../reader/index.ts'

export type Parameters = { readonly [name: string]: string }

/** What narrows a list and says in which order it comes. */
export const orderedNames: readonly string[] = [...filterNames, 'order', 'direction']
export const listNames: readonly string[] = [...orderedNames, 'limit', 'cursor']

/**
 * Empty values are left out, as forms send them.
 * @throws AuditError `usage` for a parameter that is not known or stands twice: nothing that is asked for is passed over
 */
export function readParameters(queries: { readonly [name: string]: string[] }, known: readonly string[]): Parameters {
  const given: { [name: string]: string } = {}
  for (const [name, values] of Object.entries(queries)) {
    if (!known.includes(name)) throw unknownName('parameter', name, known)
    if (values.length > 1)
      throw new AuditError('usage', `The parameter ${name} stands ${values.length} times.`, { hint: 'give it once' })
    if (values[0] !== '') given[name] = values[0]!
  }
  return given
}

/** Those that are filters, by name. */
export const filtersIn = (given: Parameters): Parameters =>
  Object.fromEntries(Object.entries(given).filter(([name]) => filterNames.includes(name)))

/** @throws AuditError `usage` */
export function parseListQuery(given: Parameters, now: number): ListRequest {
  const { limit, cursor, order, direction } = given
  return {
    filter: parseFilter(filtersIn(given), now),
    now,
    ...(cursor !== undefined && { cursor }),
    // More than a page may have is clamped: `next` leads to the rest.
    ...(limit !== undefined && { limit: parseCount('limit', limit, { min: 0, max: 999_999_999 }) }),
    ...(order !== undefined && { order: parseWord('order', order, ['time', 'index'] as const) }),
    ...(direction !== undefined && {
      descending: parseWord('direction', direction, ['asc', 'desc'] as const) === 'desc',
    }),
  }
}

/** @throws AuditError `usage` */
export function parseCount(name: string, text: string, { min, max }: { min: number; max: number }): number {
  const count = /^-?\d{1,9}$/.test(text) ? Number(text) : NaN
  if (!(count >= min && count <= max))
    throw new AuditError('usage', `${name} ${JSON.stringify(text)} is not a count from ${min} to ${max}.`, {
      hint: `give a number, or leave ${name} out`,
    })
  return count
}

/** @throws AuditError `usage` */
export function parseWord<W extends string>(name: string, text: string, known: readonly W[]): W {
  const word = known.find((one) => one === text)
  if (word === undefined)
    throw new AuditError('usage', `${name} ${JSON.stringify(text)} has no meaning.`, { hint: known.join(' or ') })
  return word
}
