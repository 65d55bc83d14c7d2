import { expect, test } from 'vitest'
import { parseRecord } from './records.ts'

const parse = (text: string | Uint8Array, number = 2): ReturnType<typeof parseRecord> =>
  parseRecord({ number, bytes: typeof text === 'string' ? Buffer.from(text) : text })

const valueOf = (text: string): unknown => {
  const record = parse(text)
  return 'value' in record ? record.value : record.reason
}

test('a record keeps its text, a carriage return included', () => {
  expect(parse('{"a":0.0}\r')).toMatchObject({ number: 2, text: '{"a":0.0}\r', value: { a: 0 } })
})

test('a byte order mark is passed over at the start of the input only, and kept in the text', () => {
  expect(parse('\uFEFF{"a":1}', 1)).toMatchObject({ text: '\uFEFF{"a":1}', value: { a: 1 } })
  expect(parse('\uFEFF{"a":1}', 2)).toMatchObject({ reason: 'it is not JSON' })
})

test('names what is wrong with a line without quoting it', () => {
  expect(parse(Uint8Array.of(0x7b, 0xff, 0x7d))).toEqual({ number: 2, reason: 'it is not UTF-8' })
  expect(parse('{"secret":')).toEqual({ number: 2, reason: 'it is not JSON' })
  for (const text of ['[1]', 'null', '"x"', '7'])
    expect(parse(text)).toEqual({ number: 2, reason: 'it is JSON, but not an object' })
  expect(parseRecord({ number: 9, tooLong: 2_000_000 })).toEqual({
    number: 9,
    reason: '2000000 bytes are more than the limit of 1048576',
  })
})

test('integers beyond 2^53 become their text, all others stay numbers', () => {
  expect(
    valueOf('{"a":12345678901234567890,"b":[-9007199254740993],"c":1e400,"d":1e2,"e":0.1234567890123456789}'),
  ).toEqual({
    a: '12345678901234567890',
    b: ['-9007199254740993'],
    c: '1e400',
    d: 100,
    e: 0.123_456_789_012_345_68,
  })
})

test('the last of two equal keys counts, and the prototype cannot be reached', () => {
  expect(valueOf('{"a":1,"a":2}')).toEqual({ a: 2 })
  const value = valueOf('{"__proto__":{"polluted":12345678901234567890}}') as object
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  expect(Object.keys(value)).toEqual(['__proto__'])
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

test('nesting as deep as a line allows neither throws nor changes the text', () => {
  const text = `{"n":12345678901234567890,"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`
  expect(parse(text)).toHaveProperty('text', text)
})
