import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeForTerminal, escapeLines, terminalJson } from './terminal.ts'

/** What GUARANTEES I6 names, written down apart from the code: C0, DEL, C1, bidi, zero widths, U+2028/9. */
const dangerous =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
  fc.string({
    unit: fc.constantFrom(
      '\u009b',
      '\u202e',
      '\x1b',
      '\n',
      '\r',
      '\u200b',
      '\u2028',
      '\ufeff',
      'a',
      '"',
      '\\',
      '\ud800',
    ),
  }),
)

test('nothing that a terminal acts on is left in a text, and no line break either', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const escaped = escapeForTerminal(text)
      expect(escaped).not.toMatch(dangerous)
      expect(escaped).not.toContain('\n')
    }),
    { numRuns: 2_000 },
  )
})

test('messages keep their own line breaks and nothing else', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(escapeLines(text)).not.toMatch(dangerous)
      expect(escapeLines(text).split('\n').length).toBe(text.split('\n').length)
    }),
  )
})

test('JSON for a terminal holds nothing it acts on, and parses to the same value', () => {
  fc.assert(
    fc.property(
      fc.dictionary(anyText, fc.oneof(anyText, fc.array(anyText))),
      fc.constantFrom(undefined, 2),
      (value, indent) => {
        const json = terminalJson(value, indent)
        expect(json).not.toMatch(dangerous)
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)))
        if (indent === undefined) expect(json).not.toContain('\n')
      },
    ),
    { numRuns: 2_000 },
  )
})

test('what is escaped can be recognised', () => {
  expect(escapeForTerminal('a\nb\tc\x1b[31m\u009b\u202egnp.exe\u{e0041}')).toBe(
    'a↵b\\tc\\x1b[31m\\x9b\\u202egnp.exe\\u{e0041}',
  )
  expect(terminalJson('\u009b\u202e\u{e0041}')).toBe('"\\u009b\\u202e\\udb40\\udc41"')
  expect(escapeForTerminal('Müller ./. Kranz 日本語 é')).toBe('Müller ./. Kranz 日本語 é')
})
