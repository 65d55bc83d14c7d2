import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tries } from '../../test/effort.ts'
import { applyCompletion, complete } from './complete.ts'
import { describeKey } from './describe-key.ts'
import { parseQuery } from './parse.ts'
import { queryKeys } from './query.ts'

/** The caret stands at |. */
const at = (marked: string): ReturnType<typeof complete> => complete(marked.replace('|', ''), marked.indexOf('|'))

test.each([
  ['|', 0, 0, '', queryKeys],
  ['x |', 2, 2, '', queryKeys],
  ['x | y', 2, 2, '', queryKeys],
  ['ac|', 0, 2, 'ac', ['actor', 'action']],
  ['x -o|', 3, 4, 'o', ['outcome']],
  ['ac|tor:u_7 x', 0, 6, 'ac', ['actor', 'action']],
  ['Müller|', 0, 6, 'Müller', []],
  ['"Mara |Lind"', 0, 11, '', []],
  ['outcom:de|', 0, 7, 'outcom', ['outcome']],
])('at %s there may stand a key', (marked, from, to, prefix, options) => {
  expect(at(marked)).toEqual({ kind: 'key', from, to, prefix, options: [...options] })
})

test.each([
  ['outcome:|', 'outcome', 8, 8, '', ['success', 'failure', 'denied', 'unknown']],
  ['x -outcome:d|en y', 'outcome', 11, 14, 'd', ['denied']],
  ['severity:>=w|', 'severity', 11, 12, 'w', ['warning']],
  ['actor:"Mara L|ind" x', 'actor', 6, 17, 'Mara L', []],
  ['actor:"Mara L|ind outcome:denied', 'actor', 6, 16, 'Mara L', []],
  ['actor:"a\\"b|', 'actor', 6, 11, 'a"b', []],
  ['action:case.*|', 'action', 7, 13, 'case.', []],
  ['at:|', 'at', 3, 3, '', ['today', 'yesterday']],
])('at %s there may stand a value', (marked, key, from, to, prefix, options) => {
  expect(at(marked)).toEqual({ kind: 'value', key, from, to, prefix, options })
})

test('a choice replaces the whole key or value, and leaves the caret where writing goes on', () => {
  const apply = (marked: string, choice: string): string => {
    const { text, caret } = applyCompletion(marked.replace('|', ''), at(marked), choice)
    return `${text.slice(0, caret)}|${text.slice(caret)}`
  }
  expect(apply('x ac|', 'actor')).toBe('x actor:|')
  expect(apply('ac|:u_7', 'actor')).toBe('actor:|u_7')
  expect(apply('outcom:denied|', 'outcome')).toBe('outcome:|denied')
  expect(apply('actor:ma|', 'Mara Lind')).toBe('actor:"Mara Lind" |')
  expect(apply('severity:>=w| x', 'warning')).toBe('severity:>=warning |x')
  expect(apply('actor:"Mara L|ind outcome:denied', 'Mara Lind')).toBe('actor:"Mara Lind" |outcome:denied')
})

test('never throws, and stays inside the text', () => {
  const texts = fc.string({
    unit: fc.constantFrom(...'"\\*:-<>= a'.split(''), 'actor:', 'at:', '-', 'outcome:'),
    maxLength: 10,
  })
  fc.assert(
    fc.property(texts, fc.integer({ min: -2, max: 60 }), (text, caret) => {
      const { from, to } = complete(text, caret)
      expect(0 <= from && from <= to && to <= text.length).toBe(true)
    }),
    { numRuns: tries(20_000, 2_000) },
  )
})

test('any value that is chosen is the value that is then read', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('', 'x "y z" -', 'outcome:denied '), (value, before) => {
      const typed = `${before}actor:`
      const { text, caret } = applyCompletion(typed, complete(typed, typed.length), value)
      expect(caret).toBe(text.length)
      expect(parseQuery(text).terms.at(-1)).toMatchObject({ kind: 'key', key: 'actor', value })
    }),
    { numRuns: tries(10_000, 1_000) },
  )
})

test('each key has one line of help', () => {
  for (const key of queryKeys) expect(describeKey(key)).toMatch(/^\S[^\n]{5,110}$/)
})
