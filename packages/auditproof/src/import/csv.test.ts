import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitRows } from './csv-rows.ts'
import { csvSeparators, parseRow, readCsv, type CsvSeparator } from './csv.ts'
import type { MalformedLine, RawRecord } from './records.ts'

async function* chunksOf(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

const read = async (
  text: string,
  { separator = ',', columns = [], size = 3 }: { separator?: CsvSeparator; columns?: string[]; size?: number } = {},
): Promise<(RawRecord | MalformedLine)[]> =>
  collect(readCsv(chunksOf(text, size), { separator, columns, source: 'x.csv' }))

const told = (rows: (RawRecord | MalformedLine)[]): unknown[] =>
  rows.map((row) => [row.number, 'reason' in row ? row.reason : { ...row.value }])

test('a row is a record of its columns; quotes, newlines within them, CRLF and a byte order mark are understood', async () => {
  const text = '\uFEFF"id",note\r\n1,"a ""b"", and\r\na line"\r\n\r\n2,\n'
  expect(told(await read(text))).toEqual([
    [2, { id: '1', note: 'a "b", and\r\na line' }],
    [5, { id: '2', note: '' }],
  ])
})

test('the original of a row is its bytes', async () => {
  const [row] = await read('a;b\n"ü";2\r\nx;y', { separator: ';' })
  expect(row).toMatchObject({ text: '"ü";2\r', bytes: Buffer.from('"ü";2\r') })
})

test('a row that is none is named, and the next one is read', async () => {
  const text = 'a,b\n1\n1,2,3\n"x"y,2\nx"y,2\n3,4\n"no end,5\n6,7\n'
  expect(told(await read(text))).toEqual([
    [2, 'the header has 2 columns, the row 1'],
    [3, 'the header has 2 columns, the row 3'],
    [4, 'there is text behind the quotes of a field'],
    [5, 'a field with a quote or a carriage return in it is not quoted'],
    [6, { a: '3', b: '4' }],
    [7, 'a quoted field does not end'],
  ])
})

test('a row above the limit is reported, never held', async () => {
  const rows = await collect(splitRows(chunksOf(`a\n"${'x\n'.repeat(50)}"\nb\n`, 7), ',', 20))
  expect(rows.map((row) => [row.number, 'tooLong' in row ? row.tooLong : Buffer.from(row.bytes).toString()])).toEqual([
    [1, 'a'],
    [2, 102],
    [53, 'b'],
  ])
})

test('a header that lacks a column, has one twice, or is none is an error that says what to do', async () => {
  await expect(read('id,nmae\n', { columns: ['name'] })).rejects.toMatchObject({
    code: 'input_malformed',
    message: 'x.csv has no column "name".',
    hint: 'did you mean "nmae"? It has "id", "nmae"',
  })
  await expect(read('a,a\n')).rejects.toMatchObject({ message: expect.stringContaining('called "a"') as string })
  await expect(read('a,"b\n')).rejects.toMatchObject({ code: 'input_malformed' })
})

test('a column may have a name that objects have', async () => {
  const [row] = await read('__proto__,constructor\nx,y\n')
  expect(Object.entries((row as RawRecord).value)).toEqual([
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ])
})

test('whatever the cells hold and however the input is cut, they come back', async () => {
  const cell = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', ',', ';', '\n', '\r', '\t', 'ü', 'a') }))
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(cell, { minLength: 2, maxLength: 2 })),
      fc.constantFrom(...csvSeparators),
      fc.constantFrom('\n', '\r\n'),
      fc.integer({ min: 1, max: 20 }),
      async (rows, separator, newline, size) => {
        const format = (one: string): string =>
          /["\r\n]/.test(one) || one.includes(separator) || one === '' ? `"${one.replaceAll('"', '""')}"` : one
        const text = [['a', 'b'], ...rows].map((row) => row.map(format).join(separator) + newline).join('')
        const found = await read(text, { separator, size })
        expect(found.map((row) => ('value' in row ? Object.values(row.value) : row.reason))).toEqual(rows)
      },
    ),
  )
})

test('a row that is written back is the row that was read', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('"', ',', '\r', 'a') }), (text) => {
      const row = parseRow(text, ',')
      if ('reason' in row) return
      // Quoting is the only freedom that RFC 4180 leaves.
      const quoted = row.cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')
      expect(parseRow(quoted, ',')).toEqual(row)
    }),
  )
})
