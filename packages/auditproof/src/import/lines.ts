/**
 * A stream of bytes as lines. Memory is bounded by one line of the limit and one chunk, whatever the input is.
 */
import { Gathering } from './gathering.ts'
import { importLimits } from './limits.ts'

/**
 * `number` counts from 1, blank lines included. `bytes` are the line's own, without the newline; a carriage return
 * before it stays. A line above the limit has only its length in bytes.
 */
export type Line = { number: number; bytes: Uint8Array } | { number: number; tooLong: number }

const newline = 0x0a

/** Blank lines are left out. A last line without a newline counts. */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  bytesMax: number = importLimits.lineBytesMax,
): AsyncGenerator<Line> {
  const gathering = new Gathering(bytesMax)
  let number = 0
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      gathering.add(chunk.subarray(from, end))
      from = end + 1
      const line = { number: ++number, ...gathering.take() }
      if (!isBlank(line)) yield line
    }
    gathering.add(chunk.subarray(from))
  }
  if (gathering.isEmpty) return
  const last = { number: ++number, ...gathering.take() }
  if (!isBlank(last)) yield last
}

export function isBlank(line: Line): boolean {
  if ('tooLong' in line) return false
  const { bytes } = line
  for (let at = 0; at < bytes.length; at++) if (!isJsonBlank(bytes[at]!)) return false
  return true
}

/** The four bytes that RFC 8259 §2 calls insignificant whitespace. */
export const isJsonBlank = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
