import { describe, expect, test } from 'vitest'
import { AuditError } from '../errors.ts'
import { formatQuery } from './format.ts'
import { queryLimits } from './limits.ts'
import { parseQuery } from './parse.ts'
import type { KeyTerm, WordTerm } from './query.ts'

const word = (text: string, more: Partial<WordTerm> = {}): WordTerm => ({
  kind: 'word',
  text,
  phrase: false,
  prefix: false,
  negated: false,
  ...more,
})
const key = (name: KeyTerm['key'], value: string, more: Partial<KeyTerm> = {}): KeyTerm => ({
  kind: 'key',
  key: name,
  comparison: '=',
  value,
  prefix: false,
  negated: false,
  ...more,
})

function refusalOf(text: string): AuditError {
  try {
    parseQuery(text)
  } catch (error) {
    if (error instanceof AuditError) return error
    throw error
  }
  throw new Error(`${JSON.stringify(text)} was read`)
}

test.each([
  ['', []],
  [' \t\n\u3000', []],
  ['Müller', [word('Müller')]],
  ['mül*', [word('mül', { prefix: true })]],
  ['"Mara Lind"', [word('Mara Lind', { phrase: true })]],
  ['"Mara Li"*', [word('Mara Li', { phrase: true, prefix: true })]],
  ['"Mara"', [word('Mara')]],
  ['-draft -"old draft"', [word('draft', { negated: true }), word('old draft', { phrase: true, negated: true })]],
  ['"12:30"', [word('12:30')]],
  ['"-x"', [word('-x')]],
  ['-"-x"', [word('-x', { negated: true })]],
  ['"OR" order', [word('OR'), word('order')]],
  ['OR*', [word('OR', { prefix: true })]],
  ['LIND\\mara', [word('LIND\\mara')]],
  ['\\\\server\\share', [word('\\\\server\\share')]],
  ['5\\*3', [word('5*3')]],
  ['"5*3"', [word('5*3')]],
  ['"5\\*"', [word('5*')]],
  ['"say \\"hi\\" \\\\ \\*"', [word('say "hi" \\ *', { phrase: true })]],
  ['actor:user/u_7', [key('actor', 'user/u_7')]],
  ['-actor:user/u_7', [key('actor', 'user/u_7', { negated: true })]],
  ['actor:"Mara Lind"', [key('actor', 'Mara Lind')]],
  ['actor:"Mara L"*', [key('actor', 'Mara L', { prefix: true })]],
  ['actor:"case.*"', [key('actor', 'case.*')]],
  ['actor:LIND\\*', [key('actor', 'LIND*')]],
  ['actor:"LIND\\\\"*', [key('actor', 'LIND\\', { prefix: true })]],
  ['action:case.*', [key('action', 'case.', { prefix: true })]],
  ['session:*', [key('session', '', { prefix: true })]],
  ['session:""', [key('session', '')]],
  ['request:arn:aws:iam::1', [key('request', 'arn:aws:iam::1')]],
  ['actor:">x"', [key('actor', '>x')]],
  ['actor:=x', [key('actor', '=x')]],
  ['actor:-x', [key('actor', '-x')]],
  ['actor:OR', [key('actor', 'OR')]],
  ['severity:>=warning', [key('severity', 'warning', { comparison: '>=' })]],
  ['at:>=-7d', [key('at', '-7d', { comparison: '>=' })]],
  ['at:>"2026-03-01 10:00Z"', [key('at', '2026-03-01 10:00Z', { comparison: '>' })]],
  ['at:2026-03-01', [key('at', '2026-03-01')]],
  ['-at:yesterday', [key('at', 'yesterday', { negated: true })]],
  ['ip:10.0.0.0/8', [key('ip', '10.0.0.0/8')]],
  ['ip:::1', [key('ip', '::1')]],
  ['ip:gate.example', [key('ip', 'gate.example')]],
  ['ip:10.0.*', [key('ip', '10.0.', { prefix: true })]],
  ['has:reason changed:status is:imported', [key('has', 'reason'), key('changed', 'status'), key('is', 'imported')]],
])('%j is read', (text, terms) => {
  expect(parseQuery(text)).toEqual({ terms })
})

test.each([
  ['  a   b ', 'a b'],
  ['"Mara"', 'Mara'],
  ['"5*3"', '5\\*3'],
  ['"*** ***"', '"*** ***"'],
  ['\\*\\*\\*', '"***"'],
  ['actor:"u_7"', 'actor:u_7'],
  ['actor:"a:b"', 'actor:a:b'],
  ['"a:b"', '"a:b"'],
  ['at:>="2026-03-01"', 'at:>=2026-03-01'],
])('%j has the spelling %j', (text, spelling) => {
  expect(formatQuery(parseQuery(text))).toBe(spelling)
})

describe('a query never becomes a search for its own text:', () => {
  test.each([
    ['actr:u_7', /There is no key "actr", at 0 /, /did you mean actor\?/],
    ['Actor:u_7', /no key "Actor"/, /did you mean actor\?/],
    ['outcom:denied x', /no key "outcom"/, /did you mean outcome\?.*quote it: "outcom:denied"/],
    ['arn:aws:iam::1', /no key "arn"/, /quote it: "arn:aws:iam::1"/],
    ['12:30', /no key "12"/, /quote it: "12:30"/],
    ['https://example.org/a', /no key "https"/, /quote it: "https:\/\/example.org\/a"/],
    ['fe80::1', /An address needs its key/, /write ip:fe80::1/],
    [':x', /no key before the colon/, /quote it: ":x"/],
    ['constructor:x', /no key "constructor"/, /quote/],
    ['__proto__:x', /no key "__proto__"/, /quote/],
    ['a OR b', /OR is no operator here, at 2 /, /"OR"/],
    ['actor: Mara', /actor: has no value/, /right behind the colon/],
    ['at:>= 2026', /at: has no value/, /right behind the colon/],
    ['a - b', /A - stands alone, at 2 /, /without a blank/],
    ['--help', /begins with -/, /quotes/],
    ['*', /no word to look for/, /./],
    ['""', /no word to look for/, /./],
    ['"  "', /no word to look for/, /./],
    ['ca*se', /only at its end/, /\\\*/],
    ['w*', /Nearly every event has a word that begins with w, at 0 /, /at least 2 characters/],
    ['-w*', /Nearly every event/, /whole word/],
    ['"Mara L"*', /begins with l/, /at least 2 characters/],
    ['漢*', /Nearly every event/, /at least 2 characters/],
    ['a**', /only at its end/, /\\\*/],
    ['foo"bar', /A quote stands inside a word/, /./],
    ['"foo"bar', /Something follows a closing quote/, /./],
    ['actor:"Mara', /The quote is not closed/, /./],
    ['"a\\b"', /In quotes a \\/, /\\\\/],
    ['actor:„Mara Lind“', /Typographic quotes/, /straight/],
    ['actor:>x', /actor has no order: > compares only at and severity/, /actor:">…"/],
    ['outcome:dennied', /There is no outcome:dennied/, /did you mean denied\?/],
    ['outcome:""', /There is no outcome:/, /known: success/],
    ['outcome:den*', /outcome takes no \*/, /success, failure, denied, unknown/],
    ['severity:>=high', /no severity:high/, /info, notice, warning, critical/],
    ['has:change', /no has:change/, /did you mean changes\?/],
    ['is:flaged', /no is:flaged/, /did you mean flagged\?/],
    ['at:gestern', /There is no time "gestern"/, /2026-03-01/],
    ['at:-7d', /-7d is one moment/, /at:>=-7d/],
    ['at:2026-03*', /at takes no \*/, /at:>=2026-03-01 at:</],
    ['ip:10.0.0.0/33', /is no network/, /10\.0\.0\.0\/8/],
    ['ip:10/8', /is no network/, /10\.0\.0\.0\/8/],
    ['ip:10.0.0.0/08', /is no network/, /./],
    ['ip:fe80::/129', /is no network/, /./],
    ['ip:10.0.0.0/255.0.0.0', /is no network/, /./],
    ['ip:10.0.0.0/8*', /A network takes no \*/, /ip:10\.0\.0\.0\/8/],
  ])('%s', (text, message, hint) => {
    const refusal = refusalOf(text)
    expect(refusal.code).toBe('usage')
    expect(refusal.message).toMatch(message)
    expect(refusal.hint).toMatch(hint)
  })
})

test('a refusal says where: the offset of the term, and the piece', () => {
  expect(refusalOf('Müller  -outcom:denied x').place).toEqual({ offset: 8, piece: '-outcom:denied' })
  expect(refusalOf('x actor:"Mara Lind" outcome:"no such"').place).toEqual({ offset: 20, piece: 'outcome:"no such"' })
})

test('the spelling that a hint gives is one that is read', () => {
  for (const text of ['12:30', 'arn:aws:iam::1', 'x:\\', 'C:\\temp\\*'])
    expect(parseQuery(/quote it: (.*)$/s.exec(refusalOf(text).hint!)![1]!).terms).toHaveLength(1)
})

test('a query has limits, by name', () => {
  expect(refusalOf('x'.repeat(queryLimits.queryUnitsMax + 1)).message).toMatch(/at most 4096/)
  expect(parseQuery('x '.repeat(queryLimits.termsMax)).terms).toHaveLength(64)
  expect(refusalOf('x '.repeat(queryLimits.termsMax + 1)).message).toMatch(/More than 64 terms, at 128/)
})
