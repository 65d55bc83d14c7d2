import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitCloudTrail, type Piece } from './cloudtrail-file.ts'

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

async function* chunksOf(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const pieces = async (text: string, size = 5, bytesMax = 1024): Promise<[number, string | number][]> =>
  (await collect(splitCloudTrail(chunksOf(text, size), bytesMax))).map((piece: Piece) => [
    piece.number,
    'bytes' in piece ? Buffer.from(piece.bytes).toString() : 'tooLong' in piece ? piece.tooLong : piece.broken,
  ])

test('records of a printed list keep their bytes and the line they begin on', async () => {
  const record = '{\n   "a": 0.0,  "s": "]}\\"{[" }'
  expect(await pieces(`\uFEFF{\n "Records" : [\n  ${record},\n  {"b":[{}]}\n ],\n "more": {"x":[1]} }\n`)).toEqual([
    [3, record],
    [5, '{"b":[{}]}'],
  ])
})

test('lines of single records, lines of lists and lists without a newline between them can be mixed', async () => {
  expect(await pieces('{"a":1}\n{"Records":[{"b":2},{"c":3}]}\n\n{"Records":[]}{"Records":[{"d":4}]}{"e":5}')).toEqual([
    [1, '{"a":1}'],
    [2, '{"b":2}'],
    [2, '{"c":3}'],
    [4, '{"d":4}'],
    [4, '{"e":5}'],
  ])
})

test('a list is found behind members that are no lists', async () => {
  expect(await pieces('{"v":"1.0", "n": 3, "Records":[{"a":1}]}')).toEqual([[1, '{"a":1}']])
})

test('a record above the limit is reported with its size and the next one is read', async () => {
  const long = `{"a":"${'x'.repeat(50)}"}`
  expect(await pieces(`{"Records":[${long},{"b":2}]}`, 7, 20)).toEqual([
    [1, long.length],
    [1, '{"b":2}'],
  ])
})

test('a list that ends inside a record or between two is reported', async () => {
  expect(await pieces('{"Records":[{"a":1},\n{"b":')).toEqual([
    [1, '{"a":1}'],
    [2, 'the list "Records" ends too early'],
  ])
  expect(await pieces('{"Records":[{"a":1},')).toHaveLength(2)
  expect(await pieces('{"Records":[{"a":1}]')).toHaveLength(2)
})

test('members of a list that are no objects come out as they stand', async () => {
  expect(await pieces('{"Records":[1, null ,"x]",}]}')).toEqual([
    [1, '1'],
    [1, 'null'],
    [1, '"x]"'],
    [1, '}'],
  ])
})

test('every record comes back to the byte, whatever it holds and however the input is cut', async () => {
  const record = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue())
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(record, fc.constantFrom(undefined, 1, '\t'))),
      fc.integer({ min: 1, max: 40 }),
      async (records, size) => {
        const texts = records.map(([value, indent]) => JSON.stringify(value, null, indent))
        const file = `{"Records":[${texts.join(' ,\n')}]}`
        const found = (await pieces(file, size, 1 << 20)).map(([, text]) => text)
        expect(found).toEqual(texts.map((text) => Buffer.from(text).toString()))
      },
    ),
  )
})
