import { expect, test } from 'vitest'
import { AuditError } from '../errors.ts'
import { formatQuery } from '../query/index.ts'
import { parseFilter } from './filter.ts'
import { selectionOf } from './selection.ts'

const now = Date.parse('2026-03-10T12:34:56Z')

test('an unknown filter is refused with the nearest known one, never widens the list', () => {
  expect(() => parseFilter({ actoin: 'x' }, now)).toThrow(
    expect.objectContaining({ code: 'usage', hint: expect.stringContaining('did you mean action?') as string }),
  )
  expect(() => parseFilter({ __proto__x: 'x' }, now)).toThrow(AuditError)
  expect(() => parseFilter({ outcome: 'sucess' }, now)).toThrow(/no outcome/)
})

test('empty values count as absent, as forms send them', () => {
  const { query, ...rest } = parseFilter({ actor: '', action: 'case.*', tenant: undefined }, now)
  expect([formatQuery(query), rest]).toEqual(['action:case.*', {}])
})

test('names and the grammar make one query; a value by name stands for itself', () => {
  const { query, tenant } = parseFilter({ q: 'tenant:lind draft', actor: 'a "b" c:d', since: '7d', until: 'now' }, now)
  expect([formatQuery(query), tenant]).toEqual([String.raw`draft actor:"a \"b\" c:d" at:>=7d at:<now`, 'lind'])
  expect(() => parseFilter({ q: 'tenant:lind', tenant: 'kranz' }, now)).toThrow(/one tenant or in all/)
})

test('a range that holds nothing is refused', () => {
  expect(() => parseFilter({ since: 'now', until: '7d' }, now)).toThrow(/Nothing lies/)
})

test('a beginning that is longer than what is kept of it is refused, the whole is not', () => {
  const long = 'x'.repeat(300)
  expect(() => selectionOf(parseFilter({ q: `actor:${long}*` }, now).query, now)).toThrow(/300 characters/)
  const { conditions } = selectionOf(parseFilter({ request: long }, now).query, now)
  expect(conditions).toEqual([
    { any: [{ key: expect.stringMatching(/^rx{167}…[0-9a-f]{32}$/) as string }], not: false },
  ])
})
