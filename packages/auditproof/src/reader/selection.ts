/** From a query to what a store looks up: keys of its search index, and ranges of time. */
import { AuditError } from '../errors.ts'
import {
  commonOutcome, commonSeverity, foldText, keyBeginningUnitsMax, keyText, nameMark, parseReference, referenceKey, searchKinds, typeMark,
  wordsIn,
} from '../event/index.ts' // prettier-ignore
import { formatQuery, vocabularies, type KeyTerm, type Query, type QueryKey, type WordTerm } from '../query/index.ts'
import type { Condition, KeyMatch, Selection } from '../store/search.ts'
import { addressMatch } from './address-match.ts'
import { timesOf } from './time-ranges.ts'

/**
 * @param now milliseconds since 1970: relative times are counted from it
 * @throws AuditError `usage` for what cannot be asked together
 */
export function selectionOf(query: Query, now: number): Selection {
  const conditions: Condition[] = []
  const byKey = new Map<QueryKey, KeyTerm[]>()
  for (const term of query.terms)
    if (term.kind === 'word') conditions.push(...wordConditions(term))
    else byKey.set(term.key, [...(byKey.get(term.key) ?? []), term])
  let times: ReturnType<typeof timesOf> = {}
  let tenant: string | undefined
  const asked: KeyTerm[] = []
  for (const [key, terms] of byKey) {
    if (key === 'at') times = timesOf(terms, now)
    else if (key === 'tenant') tenant = tenantOf(terms)
    else if (key === 'outcome')
      conditions.push(vocabularyCondition(terms, vocabularies.outcome, searchKinds.outcome, commonOutcome))
    else if (key === 'severity')
      conditions.push(vocabularyCondition(terms, vocabularies.severity, searchKinds.severity, commonSeverity))
    else {
      const [aboutSealing, others] = partition(terms, isAboutSealing)
      refuseAlternatives(aboutSealing, others)
      asked.push(...aboutSealing)
      conditions.push(...keyConditions(others))
    }
  }
  const sealed = sealedOf(asked)
  return {
    conditions: distinct(conditions.map(({ any, not }) => ({ any: distinct(any), not }))),
    ...(tenant !== undefined && { tenant }),
    ...(sealed !== undefined && { sealed }),
    ...times,
  }
}

/** Phrases of which the index knows the words, but not their order. */
export const phrasesOf = ({ terms }: Query): { words: string[]; prefix: boolean }[] =>
  distinct(
    terms.flatMap((term) => {
      const words = term.kind === 'word' && !term.negated ? wordsIn(term.text) : []
      return words.length > 1 ? [{ words, prefix: (term as WordTerm).prefix }] : []
    }),
  )

function wordConditions(term: WordTerm): Condition[] {
  const words = wordsIn(term.text)
  if (words.length === 0)
    throw new AuditError('usage', `${formatQuery({ terms: [term] })} holds no word to look for.`, {
      hint: 'words are made of letters, digits and _',
    })
  if (term.negated && words.length > 1)
    throw new AuditError('usage', `${formatQuery({ terms: [term] })} excludes several words in a row.`, {
      hint: 'exclude single words: -draft',
    })
  return words.map((word, i) => {
    const key = searchKinds.word + word
    const match = term.prefix && i === words.length - 1 ? { prefix: key } : { key }
    return { any: [match], not: term.negated }
  })
}

/** One key: its terms are alternatives, of the negated ones none may be. */
function keyConditions(terms: readonly KeyTerm[]): Condition[] {
  const wanted = terms.filter(({ negated }) => !negated).flatMap(matchesOf)
  const unwanted = terms.filter(({ negated }) => negated).flatMap(matchesOf)
  return [
    ...(wanted.length > 0 ? [{ any: wanted, not: false }] : []),
    ...(unwanted.length > 0 ? [{ any: unwanted, not: true }] : []),
  ]
}

function matchesOf(term: KeyTerm): KeyMatch[] {
  const { key, value, prefix } = term
  if (prefix && value.length > keyBeginningUnitsMax)
    throw new AuditError('usage', `${key}: a beginning of ${value.length} characters is looked for.`, {
      hint: `at most ${keyBeginningUnitsMax} can be; or write all of it, without the *`,
    })
  switch (key) {
    case 'action':
      if (!prefix) return [{ key: searchKinds.action + value }]
      return /[.:/-]$/.test(value)
        ? [{ key: `${searchKinds.action}${value}*` }]
        : [{ prefix: searchKinds.action + value }]
    case 'actor':
    case 'as':
    case 'target':
    case 'scope':
      return referenceMatches(searchKinds[key], term)
    case 'ip':
      return [addressMatch(value, prefix)]
    case 'reason':
      return [textMatch(searchKinds.reason, foldText(value), prefix)]
    case 'changed':
      return fieldMatches(value, prefix)
    case 'request':
    case 'correlation':
    case 'session':
    case 'via':
    case 'has':
    case 'is':
      return [textMatch(searchKinds[key], value, prefix)]
    default:
      throw new AuditError('usage', `${key} cannot be looked up.`)
  }
}

const textMatch = (kind: string, text: string, prefix: boolean): KeyMatch =>
  prefix ? { prefix: kind + keyText(text) } : { key: kind + keyText(text) }

/** `case/c_12`, `c_12` of any type, `case/*`, or a name; of actors also the type alone. */
function referenceMatches(kind: string, { key, value, prefix }: KeyTerm): KeyMatch[] {
  const id = keyText(value)
  const typed = value.includes('/') ? parseReference(value) : undefined
  const named = textMatch(kind + nameMark, foldText(value), prefix)
  if (!prefix) {
    const isType = (key === 'actor' || key === 'as') && typed === undefined
    return [
      { prefix: kind + id + typeMark },
      named,
      ...(typed === undefined ? [] : [{ key: referenceKey(kind, typed.type, typed.id) }]),
      ...(isType ? [{ key: kind + typeMark + id }] : []),
    ]
  }
  if (typed === undefined) return [{ prefix: kind + id }, named]
  if (typed.id === '') return [{ key: kind + typeMark + keyText(typed.type) }]
  return [{ prefix: kind + keyText(typed.id), ending: typeMark + keyText(typed.type) }, { prefix: kind + id }, named]
}

/** `address.city` and `/address/city`: the field, and what lies in it. */
function fieldMatches(value: string, prefix: boolean): KeyMatch[] {
  const pointer = value.startsWith('/') ? value : `/${value.replaceAll('.', '/')}`
  const key = searchKinds.changed + keyText(pointer)
  return prefix ? [{ prefix: key }] : [{ key }, { prefix: `${key}/` }]
}

/** Of a closed vocabulary the common value has no key: it is there where none of the others is. */
function vocabularyCondition(
  terms: readonly KeyTerm[],
  known: readonly string[],
  kind: string,
  common: string,
): Condition {
  const equals = terms.filter(({ comparison, negated }) => comparison === '=' && !negated)
  const allowed = known.filter(
    (value) =>
      (equals.length === 0 || equals.some((term) => term.value === value)) &&
      terms.every((term) =>
        term.comparison === '=' ? !(term.negated && term.value === value) : compares(term, value, known),
      ),
  )
  const keysOf = (values: readonly string[]): KeyMatch[] => values.map((value) => ({ key: kind + value }))
  if (!allowed.includes(common)) return { any: keysOf(allowed), not: false }
  return { any: keysOf(known.filter((value) => !allowed.includes(value))), not: true }
}

function compares({ comparison, value: bound, negated }: KeyTerm, value: string, known: readonly string[]): boolean {
  const difference = known.indexOf(value) - known.indexOf(bound)
  const holds = {
    '=': difference === 0,
    '>=': difference >= 0,
    '>': difference > 0,
    '<=': difference <= 0,
    '<': difference < 0,
  }
  return holds[comparison] !== negated
}

const isAboutSealing = ({ key, value }: KeyTerm): boolean =>
  (key === 'has' && value === 'proof') || (key === 'is' && value === 'unsealed')

function refuseAlternatives([first]: readonly KeyTerm[], others: readonly KeyTerm[]): void {
  if (first !== undefined && !first.negated && others.some(({ negated }) => !negated))
    throw new AuditError('usage', `${formatQuery({ terms: [first] })} cannot be one of several alternatives.`, {
      hint: 'ask for it alone',
    })
}

/** `has:proof` and `is:unsealed` are two words for one thing and its opposite: all that is said of it must agree. */
function sealedOf(asked: readonly KeyTerm[]): boolean | undefined {
  const [first, ...more] = asked.map(({ key, negated }) => (key === 'has') !== negated)
  if (more.some((wanted) => wanted !== first))
    throw new AuditError('usage', 'No event is both under a checkpoint and not.', { hint: 'leave one of them out' })
  return first
}

function tenantOf(terms: readonly KeyTerm[]): string {
  const [first, ...more] = terms
  if (more.length > 0 || first!.negated || first!.prefix)
    throw new AuditError('usage', `${formatQuery({ terms })}: a search is in one tenant or in all.`, {
      hint: 'name one tenant, or leave it out',
    })
  return first!.value
}

const partition = <T>(all: readonly T[], test: (one: T) => boolean): [T[], T[]] => [
  all.filter(test),
  all.filter((one) => !test(one)),
]

/** What is asked for twice is looked up once. */
const distinct = <T>(all: readonly T[]): T[] => [...new Map(all.map((one) => [JSON.stringify(one), one])).values()]
