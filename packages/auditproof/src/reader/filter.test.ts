import { expect, test } from 'vitest'
import { AuditError } from '../errors.ts'
import { parseFilter } from './filter.ts'

const now = Date.parse('2026-03-10T12:34:56Z')

test('an unknown filter is refused with the nearest known one, never widens the list', () => {
  expect(() => parseFilter({ actoin: 'x' }, now)).toThrow(
    expect.objectContaining({ code: 'usage', hint: expect.stringContaining('did you mean action?') as string }),
  )
  expect(() => parseFilter({ __proto__x: 'x' }, now)).toThrow(AuditError)
  expect(() => parseFilter({ outcome: 'sucess' }, now)).toThrow(/no outcome/)
})

test('empty values count as absent, as forms send them', () => {
  expect(parseFilter({ actor: '', action: 'case.*', tenant: undefined }, now)).toEqual({ action: 'case.*' })
})

test('a range that holds nothing is refused', () => {
  expect(() => parseFilter({ since: 'now', until: '7d' }, now)).toThrow(/Nothing lies/)
})
