import { expect, test } from 'vitest'
import { readTime, readTimeAs } from './times.ts'

const assumed = { timeZone: 'not in the source, taken as UTC' }

test.each([
  ['2024-01-02T03:04:05.123456789Z', { occurredAt: '2024-01-02T03:04:05.123456789Z' }],
  ['2024-01-02T03:04:05+02:00', { occurredAt: '2024-01-02T03:04:05+02:00' }],
  ['2024-01-02 03:04:05', { occurredAt: '2024-01-02T03:04:05Z', ...assumed }],
  ['2024-01-02 03:04:05.38', { occurredAt: '2024-01-02T03:04:05.38Z', ...assumed }],
  ['2024-01-02T03:04:05+518:00', { occurredAt: '2024-01-02T03:04:05+518:00' }],
  ['2024-02-30 03:04:05', { occurredAt: '2024-02-30 03:04:05' }],
  ['yesterday', { occurredAt: 'yesterday' }],
  [undefined, { occurredAt: 'not in the source' }],
])('%j is %j: nothing is invented, and a zone that is assumed is said', (text, time) => {
  expect(readTime(text)).toEqual(time)
})

test.each([
  ['unix', '1700000000', '2023-11-14T22:13:20Z'],
  ['unix', '1700000000.25', '2023-11-14T22:13:20.25Z'],
  ['unix', '-1', '1969-12-31T23:59:59.000Z'],
  ['unix', '0', '1970-01-01T00:00:00Z'],
  ['unix-ms', '1700000000123', '2023-11-14T22:13:20.123Z'],
  ['unix-ms', '5', '1970-01-01T00:00:00.005Z'],
  ['unix-ns', '1700000000123456789', '2023-11-14T22:13:20.123456789Z'],
  ['unix-ns', '1e21', '1e21'],
  ['unix', '99999999999999999999', '99999999999999999999'],
  ['unix', '2024-01-02T03:04:05Z', '2024-01-02T03:04:05Z'],
  ['local', '2024-01-02 03:04:05', '2024-01-02T03:04:05Z'],
  ['rfc3339', '2024-01-02 03:04:05', '2024-01-02 03:04:05'],
] as const)('as %s, %s is %s', (format, text, time) => {
  expect(readTimeAs(format, text).occurredAt).toBe(time)
})
