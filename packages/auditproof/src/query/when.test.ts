import { expect, test } from 'vitest'
import { AuditError } from '../errors.ts'
import { parseWhen } from './when.ts'

const now = Date.parse('2026-03-10T12:34:56Z')

test.each([
  ['2026-03-01', '2026-03-01T00:00:00Z'],
  ['2026-03-01T10:00Z', '2026-03-01T10:00:00Z'],
  ['2026-03-01T10:00+02:00', '2026-03-01T08:00:00Z'],
  ['2026-03-01T10:00:05.25Z', '2026-03-01T10:00:05.25Z'],
  ['now', '2026-03-10T12:34:56.000Z'],
  ['today', '2026-03-10T00:00:00.000Z'],
  ['yesterday', '2026-03-09T00:00:00.000Z'],
  ['7d', '2026-03-03T12:34:56.000Z'],
  ['-7d', '2026-03-03T12:34:56.000Z'],
  ['90m', '2026-03-10T11:04:56.000Z'],
  ['2w', '2026-02-24T12:34:56.000Z'],
])('%s is %s', (text, time) => {
  expect(parseWhen(text, now)).toBe(time)
})

test.each(['', 'gestern', '2026-02-30', '7y', '1e3d', '2026-03-01T25:00Z', '2026-03-01T10:00', '99999999999d'])(
  '%j is no time',
  (text) => {
    expect(() => parseWhen(text, now)).toThrow(AuditError)
  },
)
