import { expect, test } from 'vitest'
import { NotMapped, otherNames } from './not-mapped.ts'

test('names are counted, most frequent first, equal ones by name', () => {
  const notMapped = new NotMapped()
  for (const names of [['b', 'a'], ['c', '__proto__'], ['c']]) notMapped.add(names)
  expect(Object.entries(notMapped.counts())).toEqual([
    ['c', 2],
    ['__proto__', 1],
    ['a', 1],
    ['b', 1],
  ])
})

test('beyond the limit names are counted together', () => {
  const notMapped = new NotMapped(2)
  notMapped.add(['a', 'b', 'c', 'd'])
  expect(notMapped.counts()).toEqual({ a: 1, b: 1, [otherNames]: 2 })
})
