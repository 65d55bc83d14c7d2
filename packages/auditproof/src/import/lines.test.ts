import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitLines, type Line } from './lines.ts'

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const lines = (text: string, size = 7, bytesMax = 1024): Promise<Line[]> =>
  collect(splitLines(chunksOf(Buffer.from(text), size), bytesMax))

const texts = (all: Line[]): [number, string | number][] =>
  all.map((line) => [line.number, 'bytes' in line ? Buffer.from(line.bytes).toString('latin1') : line.tooLong])

test('lines keep their numbers and bytes, a carriage return included', async () => {
  expect(texts(await lines('one\r\ntwo\n'))).toEqual([
    [1, 'one\r'],
    [2, 'two'],
  ])
})

test('blank lines are left out and still counted in the numbers', async () => {
  expect(texts(await lines('\n\r\na\n \t\nb'))).toEqual([
    [3, 'a'],
    [5, 'b'],
  ])
})

test('a last line without a newline counts', async () => {
  expect(texts(await lines('a'))).toEqual([[1, 'a']])
  expect(await lines('')).toEqual([])
})

test('a line above the limit is reported with its size and the next one is read', async () => {
  expect(texts(await lines(`${'x'.repeat(11)}\n${'y'.repeat(10)}\n${'z'.repeat(12)}`, 4, 10))).toEqual([
    [1, 11],
    [2, 'y'.repeat(10)],
    [3, 12],
  ])
})

test('lines come out the same however the input is cut into chunks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 50 }), async (bytes, size) => {
      const cut = await collect(splitLines(chunksOf(bytes, size), 16))
      expect(texts(cut)).toEqual(texts(await collect(splitLines(chunksOf(bytes, 1000), 16))))
    }),
  )
})
