/**
 * What a query is, once read: terms in the order in which they were written. Words and phrases must all be there; terms
 * of one key are alternatives, except that comparisons hold together; different keys must all hold; of negated terms
 * none may.
 */
import { outcomes, severities } from '../event/event.ts'

export interface Query {
  readonly terms: readonly Term[]
}

export type Term = WordTerm | KeyTerm

export interface WordTerm {
  readonly kind: 'word'
  /** Holds at least one character that is no blank. */
  readonly text: string
  /** More than one word, in this order: only quotes can say so. */
  readonly phrase: boolean
  /** Only the beginning is given. */
  readonly prefix: boolean
  readonly negated: boolean
}

export interface KeyTerm {
  readonly kind: 'key'
  readonly key: QueryKey
  readonly comparison: Comparison
  /** As written: relative times are resolved when the query is run, with `spanOf`. */
  readonly value: string
  /** Only the beginning is given; an empty beginning stands for any value. */
  readonly prefix: boolean
  readonly negated: boolean
}

export const comparisons = ['=', '>=', '>', '<=', '<'] as const
export type Comparison = (typeof comparisons)[number]

export const queryKeys = [
  'actor',
  'as',
  'action',
  'target',
  'scope',
  'tenant',
  'outcome',
  'severity',
  'ip',
  'at',
  'request',
  'correlation',
  'session',
  'reason',
  'via',
  'has',
  'changed',
  'is',
] as const
export type QueryKey = (typeof queryKeys)[number]

/** Keys whose values are known beforehand. Severities stand in their order. */
export const vocabularies: {
  readonly outcome: typeof outcomes
  readonly severity: typeof severities
  readonly has: readonly ['changes', 'reason', 'proof']
  readonly is: readonly ['erased', 'imported', 'unsealed', 'impersonated', 'flagged']
} = {
  outcome: outcomes,
  severity: severities,
  has: ['changes', 'reason', 'proof'],
  is: ['erased', 'imported', 'unsealed', 'impersonated', 'flagged'],
}

export const isQueryKey = (text: string): text is QueryKey => (queryKeys as readonly string[]).includes(text)

export const vocabularyOf = (key: QueryKey): readonly string[] | undefined =>
  Object.hasOwn(vocabularies, key) ? vocabularies[key as keyof typeof vocabularies] : undefined

/** Whether `>=`, `>`, `<=` and `<` mean something. */
export const isOrdered = (key: QueryKey): boolean => key === 'at' || key === 'severity'

export const isPhrase = (text: string): boolean => /\S\s+\S/.test(text)
