/**
 * The search grammar: `word "phrase" key:value -key:value key:>=value begin*`. What cannot be understood is refused with
 * its place and with what was probably meant: a query never silently becomes a search for its own text.
 * Time is linear in the length of the text.
 */
import { AuditError } from '../errors.ts'
import { parseAddress } from '../event/address.ts'
import { wordsIn } from '../event/search-keys.ts'
import { checkValue } from './check-value.ts'
import { queryLimits } from './limits.ts'
import { nearest } from './nearest.ts'
import {
  isOrdered, isPhrase, isQueryKey, queryKeys, type Comparison, type KeyTerm, type Query, type Term, type WordTerm,
} from './query.ts' // prettier-ignore
import { refuse, type Stretch } from './refuse.ts'
import { endOfBare, readSpelled } from './spelling.ts'
import { isOperator, writeWord } from './format.ts'

interface Read<T extends Term> {
  term: T
  end: number
}

/** @throws AuditError `usage`, with `place` where a piece of the text is what is wrong */
export function parseQuery(text: string): Query {
  const { queryUnitsMax, termsMax } = queryLimits
  if (text.length > queryUnitsMax)
    throw new AuditError('usage', `A query of ${text.length} characters; at most ${queryUnitsMax} are read.`, {
      hint: 'ask in several queries',
    })
  const terms: Term[] = []
  for (let at = endOfBlanks(text, 0); at < text.length; at = endOfBlanks(text, at)) {
    if (terms.length === termsMax)
      throw refuse(
        { query: text, start: at, end: endOfBare(text, at) },
        `More than ${termsMax} terms`,
        'leave some out',
      )
    const { term, end } = readTerm(text, at)
    terms.push(term)
    at = end
  }
  return { terms }
}

const blanks = /\s*/y
function endOfBlanks(text: string, from: number): number {
  blanks.lastIndex = from
  blanks.test(text)
  return blanks.lastIndex
}

/** What stands before the first colon outside quotes. */
const beforeColon = /([^\s":]*):/y
const sign = /(?:>=|<=|>|<)?/y

function readTerm(query: string, start: number): Read<Term> {
  const negated = query[start] === '-'
  const from = negated ? start + 1 : start
  beforeColon.lastIndex = from
  const name = beforeColon.exec(query)?.[1]
  if (name === undefined) return readWord(query, start, from, negated)
  if (!isQueryKey(name)) throw noSuchKey(query, start, from, name)
  return readKeyTerm(query, start, name, beforeColon.lastIndex, negated)
}

function readWord(query: string, start: number, from: number, negated: boolean): Read<WordTerm> {
  const place = { query, start, end: endOfBare(query, from) }
  if (from === place.end) throw refuse(place, 'A - stands alone', 'it negates what follows it without a blank')
  if (query[from] === '-') throw refuse(place, 'A word begins with -', 'put it into quotes: "-x"')
  const { text, prefix, quoted, end } = readSpelled(query, from, start)
  if (text.trim() === '')
    throw refuse({ query, start, end }, 'There is no word to look for', 'write one, or leave this out')
  if (!quoted && !prefix && isOperator(text))
    throw refuse(
      place,
      `${text} is no operator here`,
      `terms of one key are alternatives, others must all hold, - negates; for the word itself: "${text}"`,
    )
  if (prefix) checkBeginning(text, { query, start, end })
  return { term: { kind: 'word', text, phrase: isPhrase(text), prefix, negated }, end }
}

/** Of several words the last one is the beginning; what holds no word at all is told when the query is run. */
function checkBeginning(text: string, place: Stretch): void {
  const last = wordsIn(text).at(-1)
  if (last !== undefined && Array.from(last).length < queryLimits.wordPrefixCharsMin)
    throw refuse(
      place,
      `Nearly every event has a word that begins with ${last}`,
      `write at least ${queryLimits.wordPrefixCharsMin} characters before the *, or the whole word`,
    )
}

function readKeyTerm(query: string, start: number, key: KeyTerm['key'], from: number, negated: boolean): Read<KeyTerm> {
  sign.lastIndex = from
  const signed = sign.exec(query)![0] as Comparison | ''
  const place = { query, start, end: endOfBare(query, from) }
  if (signed !== '' && !isOrdered(key))
    throw refuse(
      place,
      `${key} has no order: ${signed} compares only at and severity`,
      `a value that begins so is quoted: ${key}:"${signed}…"`,
    )
  const valueFrom = from + signed.length
  if (valueFrom === place.end)
    throw refuse(place, `${key}: has no value`, `write it right behind the colon, with blanks in it in quotes`)
  const { text: value, prefix, end } = readSpelled(query, valueFrom, start)
  const term: KeyTerm = { kind: 'key', key, comparison: signed === '' ? '=' : signed, value, prefix, negated }
  checkValue(term, { query, start, end })
  return { term, end }
}

const suggestedUnits = 80

function noSuchKey(query: string, start: number, from: number, name: string): AuditError {
  const end = endOfBare(query, from)
  const word = query.slice(from, end)
  const place = { query, start, end }
  // Long enough to be no typing error, too long to be shown twice.
  const quoted = word.length > suggestedUnits ? '"…"' : writeWord(word, false)
  const asText = `to look for the text itself, quote it: ${quoted}`
  if (parseAddress(word) !== undefined)
    return refuse(place, 'An address needs its key', `write ip:${word}, or ${asText}`)
  if (name === '') return refuse(place, 'There is no key before the colon', asText)
  const meant = nearest(name, queryKeys)
  const known = `${meant === undefined ? 'keys' : `did you mean ${meant}? Keys`}: ${queryKeys.join(', ')}`
  return refuse(place, `There is no key ${JSON.stringify(name)}`, `${known}; ${asText}`)
}
