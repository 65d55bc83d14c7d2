import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../event/json.ts'
import { matchKey, splitTorn } from './archive-line.ts'

const line = (username: string, timestamp = '2026-01-01T00:00:00Z'): string =>
  JSON.stringify({ timestamp, event_type: 'login', username, ip_address: '10.0.0.1', success: true })

test('a whole line is one piece', () => {
  expect(splitTorn(line('ada'))).toEqual([{ text: line('ada'), record: JSON.parse(line('ada')) as JsonObject }])
})

test('records that were glued together are told apart, and what is left of a torn one is kept', () => {
  const torn = line('bob').slice(0, 40)
  expect(splitTorn(torn + line('ada') + line('eve')).map(({ text, record }) => [text, record?.['username']])).toEqual([
    [torn, undefined],
    [line('ada'), 'ada'],
    [line('eve'), 'eve'],
  ])
})

test('a name that looks like the beginning of a record tears nothing', () => {
  const name = 'x{"timestamp":"2026-01-01T00:00:00Z","event_type":"login"}'
  expect(splitTorn(line(name).slice(0, 60) + line(name)).map(({ record }) => record?.['username'])).toEqual([
    undefined,
    name,
  ])
})

test('wherever a line is torn, nothing of it is lost and the next record is whole', () => {
  const name = fc.string({ unit: 'binary', maxLength: 30 })
  fc.assert(
    fc.property(name, name, fc.nat(), (torn, whole, at) => {
      const glued = line(torn).slice(0, at % line(torn).length) + line(whole)
      const pieces = splitTorn(glued)
      expect(pieces.map(({ text }) => text).join('')).toBe(glued)
      expect(pieces.at(-1)?.record).toEqual(JSON.parse(line(whole)))
    }),
  )
})

test('a row and its line have one key: cut to the second, in any zone, with or without empty members', () => {
  const row = { timestamp: '2026-01-01T01:00:00.999999+01:00', event_type: 'login', username: 'ada', success: true }
  const full = { ...row, ip_address: '10.0.0.1', query: '', mail_id: '', detail: '', id: 7 }
  expect(matchKey(full)).toBe(matchKey(JSON.parse(line('ada')) as JsonObject))
  for (const other of [{ username: 'bob' }, { success: false }, { detail: 'x' }, { timestamp: '2026-01-01T00:00:01Z' }])
    expect(matchKey({ ...full, ...other })).not.toBe(matchKey(full))
})
