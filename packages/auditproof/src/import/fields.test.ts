import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonObject } from '../event/json.ts'
import { Fields } from './fields.ts'

test('what nothing has taken is listed, one level deep', () => {
  const record = new Fields({
    read: 'x',
    left: 1,
    user: { name: 'ada', age: 3, address: { city: 'x', zip: 'y' } },
    items: [{ id: 1, size: 2 }, { id: 2, weight: 3, size: 1 }, 'no object'],
    whole: { a: 1 },
    null: null,
  })
  record.text('read')
  record.object('user').text('name')
  record.object('user').object('address').text('city')
  for (const item of record.objects('items')) item.text('id')
  record.value('whole')
  record.text('null')
  expect(record.notTaken()).toEqual(['left', 'user.age', 'items.size', 'items.weight'])
})

test('a member of another type than was asked for is not taken', () => {
  const record = new Fields({ text: { a: 1 }, object: 'x', list: 'x', objects: { a: 1 } })
  expect(record.text('text')).toBeUndefined()
  expect(record.object('object').names()).toEqual([])
  expect(record.list('list')).toEqual([])
  expect(record.objects('objects')).toEqual([])
  expect(record.notTaken()).toEqual(['text', 'object', 'list', 'objects'])
})

test('a pointer takes what it reaches, and nothing of the prototype', () => {
  const record = new Fields(JSON.parse('{"a":{"b":[{"c":"x"}],"d":1},"e":[{"f":"y"}],"g":1}') as JsonObject)
  expect(record.at(['a', 'b', '0', 'c'])).toBe('x')
  expect(record.at(['e', '0', 'f'])).toBe('y')
  expect(record.at(['e', 'length'])).toBeUndefined()
  expect(record.at(['a', 'constructor', 'name'])).toBeUndefined()
  expect(record.at(['__proto__', 'toString'])).toBeUndefined()
  expect(record.notTaken()).toEqual(['a.d', 'g'])
})

test('what is read and what is listed are all there is, for any record', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.nat()), (members, picks) => {
      const record = new Fields(members as JsonObject)
      const names = Object.keys(members)
      const read = new Set(picks.flatMap((pick) => names[pick % names.length] ?? []))
      for (const name of read) record.value(name)
      // A member that is undefined does not exist in JSON; null is read like any other.
      expect(record.notTaken()).toEqual(names.filter((name) => !read.has(name)))
    }),
  )
})
