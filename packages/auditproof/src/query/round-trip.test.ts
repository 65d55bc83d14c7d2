import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tries } from '../../test/effort.ts'
import { AuditError } from '../errors.ts'
import { wordsIn } from '../event/search-keys.ts'
import { formatQuery } from './format.ts'
import { queryLimits } from './limits.ts'
import { parseQuery } from './parse.ts'
import { comparisons, isPhrase, queryKeys, vocabularies, vocabularyOf, type Query, type Term } from './query.ts'

const numRuns = tries(30_000, 3_000)

/** What the grammar itself is made of, and what looks like it. */
const special = fc.string({
  unit: fc.constantFrom(
    ...'"\\*:-<>=/ \t\n\u00a0\u3000\ufeff“„«a1ü√\ud800\u0000\u202e'.split(''),
    '😀',
    'AND',
    'OR',
    'at:',
    '\\*',
  ),
  maxLength: 8,
})
const anyUnits = fc.array(fc.nat(0xffff), { maxLength: 8 }).map((units) => String.fromCharCode(...units))
const anyText = fc.oneof(special, anyUnits, fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constantFrom('OR', '*'))

const wordTerm = fc
  .record({ text: anyText.filter((text) => text.trim() !== ''), prefix: fc.boolean(), negated: fc.boolean() })
  .filter(
    ({ text, prefix }) =>
      !prefix || Array.from(wordsIn(text).at(-1) ?? 'none').length >= queryLimits.wordPrefixCharsMin,
  )
  .map((given): Term => ({ kind: 'word', phrase: isPhrase(given.text), ...given }))

const openKeys = queryKeys.filter((key) => vocabularyOf(key) === undefined && key !== 'at' && key !== 'ip')
const openTerm = fc
  .record({ key: fc.constantFrom(...openKeys), value: anyText, prefix: fc.boolean(), negated: fc.boolean() })
  .map((given): Term => ({ kind: 'key', comparison: '=', ...given }))

const closedTerm = fc.constantFrom('outcome', 'has', 'is', 'severity', 'at', 'ip').chain((key) =>
  fc
    .record({
      value: fc.constantFrom(
        ...(key === 'at'
          ? ['2026-03-01', 'yesterday', '2026-03-01T10:00Z', '2026-03-01 10:00:05.25+02:00']
          : key === 'ip'
            ? ['10.0.0.1', '10.0.0.0/8', 'fe80::1', '2001:db8::/32', 'host.example', '10.0.0.1, 10.0.0.2', '']
            : vocabularies[key]),
      ),
      comparison: key === 'at' || key === 'severity' ? fc.constantFrom(...comparisons) : fc.constant('=' as const),
      negated: fc.boolean(),
    })
    .map((given): Term => ({ kind: 'key', key, prefix: false, ...given })),
)

const anyQuery = fc.array(fc.oneof(wordTerm, openTerm, closedTerm), { maxLength: 6 }).map((terms): Query => ({ terms }))

test('any query, with any text in it, is written so that it reads the same', () => {
  fc.assert(
    fc.property(anyQuery, (query) => {
      expect(parseQuery(formatQuery(query))).toEqual(query)
    }),
    { numRuns },
  )
})

test('whatever is read is written in one spelling, that is never longer', () => {
  const pieces = fc.array(fc.oneof(special, fc.constantFrom('actor:', '-', 'at:>', '"', ' ')), { maxLength: 6 })
  let read = 0
  fc.assert(
    fc.property(
      fc.oneof(
        pieces.map((all) => all.join('')),
        anyQuery.map(formatQuery),
      ),
      fc.constantFrom(' ', '\t \u3000'),
      (given, blank) => {
        const text = `${blank}${given}${blank}`
        let query: Query
        try {
          query = parseQuery(text)
        } catch (error) {
          expect(error).toBeInstanceOf(AuditError)
          const { code, place, hint } = error as AuditError
          expect(code).toBe('usage')
          expect(hint).toBeTruthy()
          expect(text.slice(place!.offset, place!.offset + place!.piece.length)).toBe(place!.piece)
          return
        }
        read += 1
        const written = formatQuery(query)
        expect(parseQuery(written)).toEqual(query)
        expect(formatQuery(parseQuery(written))).toBe(written)
        expect(written.length).toBeLessThanOrEqual(text.length)
      },
    ),
    { numRuns },
  )
  expect(read).toBeGreaterThan(numRuns / 3)
})

test.each(['"', '\\', '*', '\\*', '-', ':', 'a"', '" ', 'actor:', 'at:>', '“', 'x ', '"a" ', '"\\"', 'a:'])(
  'takes no longer than the text is long, also for %j again and again',
  (piece) => {
    const text = piece.repeat(queryLimits.queryUnitsMax).slice(0, queryLimits.queryUnitsMax)
    const began = performance.now()
    for (let i = 0; i < 20; i++)
      try {
        parseQuery(text)
      } catch (error) {
        expect(error).toBeInstanceOf(AuditError)
      }
    // Twenty times 4,096 units: milliseconds where time is linear, seconds where it were quadratic.
    expect(performance.now() - began).toBeLessThan(500)
  },
)
