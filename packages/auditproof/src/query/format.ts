/** Queries as text again: one spelling for each query, and `parseQuery` of it gives the same. */
import type { KeyTerm, Query, Term } from './query.ts'
import { writeSpelled } from './spelling.ts'

/** @param query as `parseQuery` gives it, or built by hand by the same rules */
export const formatQuery = ({ terms }: Query): string => terms.map(formatTerm).join(' ')

export const formatTerm = (term: Term): string =>
  (term.negated ? '-' : '') + (term.kind === 'word' ? writeWord(term.text, term.prefix) : writeKeyTerm(term))

const writeKeyTerm = ({ key, comparison, value, prefix }: KeyTerm): string =>
  `${key}:${comparison === '=' ? '' : comparison}${writeValue(value, prefix)}`

/** Unquoted, a value that begins with < or > would be a comparison. */
export const writeValue = (value: string, prefix: boolean): string => writeSpelled(value, prefix, /^[<>]/.test(value))

export const writeWord = (text: string, prefix: boolean): string =>
  writeSpelled(text, prefix, /^-|:/.test(text) || (!prefix && isOperator(text)))

/** What other grammars have, and people type: refused bare, since as words they would narrow in silence. */
export const isOperator = (text: string): boolean => text === 'AND' || text === 'OR' || text === 'NOT'
