/** A stream of bytes as the rows of RFC 4180: a newline within quotes belongs to its row. */
import { Gathering } from './gathering.ts'
import { importLimits } from './limits.ts'
import type { Line } from './lines.ts'

const [newline, carriageReturn, quote] = [0x0a, 0x0d, 0x22]
const byteOrderMark = [0xef, 0xbb, 0xbf]

/**
 * `number` is the line on which a row begins; `bytes` are the row's own, without the newline that ends it. Empty rows
 * are left out. Memory is bounded by one row of the limit and one chunk.
 * @param separator one ASCII character
 */
export async function* splitRows(
  chunks: AsyncIterable<Uint8Array>,
  separator: string,
  bytesMax: number = importLimits.lineBytesMax,
): AsyncGenerator<Line> {
  const between = separator.charCodeAt(0)
  const gathering = new Gathering(bytesMax)
  // Only at the beginning of a field a quote opens; behind a quote within a quoted one, another is text.
  let at: 'beginning' | 'plain' | 'quoted' | 'quote' = 'beginning'
  let marks = 0
  let line = 1
  let number = 1
  for await (const chunk of chunks) {
    let from = 0
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!
      if (marks < 3 && byte === byteOrderMark[marks]) {
        marks++
        continue
      }
      marks = 3
      if (byte === newline) line++
      if (at === 'quoted') {
        if (byte === quote) at = 'quote'
      } else if (byte === quote && at !== 'plain') at = 'quoted'
      else if (byte === between) at = 'beginning'
      else if (byte !== newline) at = 'plain'
      else {
        gathering.add(chunk.subarray(from, i))
        from = i + 1
        const row = { number, ...gathering.take() }
        if (!isEmpty(row)) yield row
        at = 'beginning'
        number = line
      }
    }
    gathering.add(chunk.subarray(from))
  }
  if (gathering.isEmpty) return
  const last = { number, ...gathering.take() }
  if (!isEmpty(last)) yield last
}

const isEmpty = (row: Line): boolean =>
  'bytes' in row && (row.bytes.length === 0 || (row.bytes.length === 1 && row.bytes[0] === carriageReturn))
