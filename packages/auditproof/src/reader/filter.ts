/** What a list is asked for by name, as URLs and the command line do, and in the search grammar: one query of both. */
import { AuditError } from '../errors.ts'
import {
  nearest,
  parseQuery,
  parseWhen,
  queryKeys,
  type KeyTerm,
  type Query,
  type QueryKey,
  type Term,
} from '../query/index.ts'

/** A query without its tenant, which decides what may be seen at all. */
export interface Filter {
  query: Query
  tenant?: string
}

/** Every key of the grammar by its name; `q` takes the grammar itself, `since` and `until` a time each. */
export const filterNames: readonly string[] = ['q', 'since', 'until', ...queryKeys.filter((key) => key !== 'at')]

/**
 * @param given by name; empty values count as absent, as forms send them
 * @param now milliseconds since 1970
 * @throws AuditError `usage` with the nearest known name: a filter that is misspelled must not widen the list
 */
export function parseFilter(given: { readonly [name: string]: string | undefined }, now: number): Filter {
  const terms: Term[] = []
  for (const [name, value] of Object.entries(given)) {
    if (!filterNames.includes(name)) throw unknownName('filter', name, filterNames)
    if (value === undefined || value === '') continue
    if (name === 'q') terms.push(...parseQuery(value).terms)
    else if (name === 'tenant') terms.push(keyTerm('tenant', value, '=', false))
    else if (name === 'since' || name === 'until') terms.push(timeTerm(name, value, now))
    else terms.push(namedTerm(name as QueryKey, value))
  }
  const { since, until } = given
  if (since && until && parseWhen(since, now) >= parseWhen(until, now))
    throw new AuditError('usage', `Nothing lies at or after ${since} and before ${until}.`, {
      hint: 'swap since and until',
    })
  const tenants = new Set(terms.flatMap((term) => (isTenant(term) ? [term.value] : [])))
  if (tenants.size > 1)
    throw new AuditError(
      'usage',
      `A search is in one tenant or in all, not in ${[...tenants].map((one) => JSON.stringify(one)).join(' and ')}.`,
      {
        hint: 'name one of them',
      },
    )
  const [tenant] = tenants
  return { query: { terms: terms.filter((term) => !isTenant(term)) }, ...(tenant !== undefined && { tenant }) }
}

/** What is negated or only the beginning of a name is refused when the query is compiled. */
const isTenant = (term: Term): term is KeyTerm =>
  term.kind === 'key' && term.key === 'tenant' && !term.negated && !term.prefix

/** The value as it is, a star at its end meaning any ending; checked as the grammar checks it. */
function namedTerm(key: QueryKey, text: string): Term {
  const prefix = text.endsWith('*')
  const value = prefix ? text.slice(0, -1) : text
  const escaped = `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`
  return parseQuery(`${key}:${escaped}${prefix ? '*' : ''}`).terms[0]!
}

function timeTerm(name: 'since' | 'until', value: string, now: number): Term {
  parseWhen(value, now)
  return keyTerm('at', value, name === 'since' ? '>=' : '<', false)
}

const keyTerm = (key: QueryKey, value: string, comparison: KeyTerm['comparison'], prefix: boolean): KeyTerm => ({
  kind: 'key',
  key,
  comparison,
  value,
  prefix,
  negated: false,
})

export function unknownName(what: string, name: string, known: readonly string[]): AuditError {
  const meant = nearest(name, known)
  return new AuditError('usage', `There is no ${what} ${JSON.stringify(name)}.`, {
    hint: meant === undefined ? `known: ${known.join(', ')}` : `did you mean ${meant}? Known: ${known.join(', ')}`,
  })
}
