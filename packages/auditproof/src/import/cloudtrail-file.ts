/**
 * CloudTrail as it is delivered: `{"Records":[…]}`, on one line or printed over many, or NDJSON of single records,
 * or NDJSON of such lists. A delivered file may be far larger than a line may be, so the list is never parsed whole:
 * each record's text is sliced out of the stream by following strings and brackets, and stays as it was to the byte.
 */
import { Gathering } from './gathering.ts'
import { importLimits } from './limits.ts'
import { isBlank, isJsonBlank, type Line } from './lines.ts'

/** One record's text, or why there is none; `number` is the line on which it begins. */
export type Piece = Line | { number: number; broken: string }

/** How far into a line `"Records":[` may begin, bytes. */
const headBytes = 1024

// `Records` is the first member, or follows members that are no lists and no objects.
const listHead = /^(?:\xEF\xBB\xBF)?\s*\{\s*(?:"[^"\\]*"\s*:\s*(?:"[^"\\]*"|[^\s"{}[\],]+)\s*,\s*)*"Records"\s*:\s*\[/

export async function* splitCloudTrail(
  chunks: AsyncIterable<Uint8Array>,
  bytesMax: number = importLimits.lineBytesMax,
): AsyncGenerator<Piece> {
  const cursor = new Cursor(chunks)
  try {
    while (await cursor.ensure(headBytes)) {
      const head = listHead.exec(cursor.head(headBytes))?.[0]
      if (head === undefined) {
        const line = await takeLine(cursor, bytesMax)
        if (!isBlank(line)) yield line
      } else {
        cursor.skip(head.length)
        yield* takeList(cursor, bytesMax)
      }
    }
  } finally {
    await cursor.close()
  }
}

async function takeLine(cursor: Cursor, bytesMax: number): Promise<Line> {
  const gathering = new Gathering(bytesMax)
  const number = cursor.line
  while (await cursor.ensure(1)) {
    const end = cursor.bytes.indexOf(newline, cursor.at)
    gathering.add(cursor.take(end === -1 ? cursor.bytes.length : end))
    if (end === -1) continue
    cursor.skip(1)
    break
  }
  return { number, ...gathering.take() }
}

/** From behind `[` to behind the `}` of the object that holds the list. */
async function* takeList(cursor: Cursor, bytesMax: number): AsyncGenerator<Piece> {
  const broken = (number: number): Piece => ({ number, broken: 'the list "Records" ends too early' })
  while (await skipBlanks(cursor)) {
    const byte = cursor.bytes[cursor.at]!
    if (byte === comma) {
      cursor.skip(1)
    } else if (byte === closeBracket) {
      cursor.skip(1)
      // The other members of the object: its end is found as if its beginning had just been read.
      const rest = await takeValue(cursor, 0, 1)
      if (rest === undefined) yield broken(cursor.line)
      return
    } else {
      const number = cursor.line
      const value = await takeValue(cursor, bytesMax, 0)
      if (value === undefined) {
        yield broken(number)
        return
      }
      yield { number, ...value }
    }
  }
  yield broken(cursor.line)
}

/** The text of one JSON value, by its brackets and strings alone; undefined when the input ends inside it. */
async function takeValue(
  cursor: Cursor,
  bytesMax: number,
  depth: number,
): Promise<{ bytes: Uint8Array } | { tooLong: number } | undefined> {
  const gathering = new Gathering(bytesMax)
  let inString = false
  let escaped = false
  // A number or a word has no end of its own: it ends before what follows it.
  let isScalar: boolean | undefined = depth > 0 ? false : undefined
  while (await cursor.ensure(1)) {
    const { bytes } = cursor
    let at = cursor.at
    let complete = false
    while (at < bytes.length && !complete) {
      const byte = bytes[at]!
      if (isScalar === undefined) isScalar = byte !== openBrace && byte !== openBracket && byte !== quote
      else if (isScalar && (isJsonBlank(byte) || byte === comma || byte === closeBracket)) break
      if (inString) {
        if (escaped) escaped = false
        else if (byte === backslash) escaped = true
        else if (byte === quote) inString = false
      } else if (byte === quote) inString = true
      else if (byte === openBrace || byte === openBracket) depth++
      else if (byte === closeBrace || byte === closeBracket) depth--
      at++
      complete = !isScalar && !inString && depth <= 0
    }
    const ended = complete || at < bytes.length
    gathering.add(cursor.take(at))
    if (ended) return gathering.take()
  }
  return undefined
}

async function skipBlanks(cursor: Cursor): Promise<boolean> {
  while (await cursor.ensure(1)) {
    let at = cursor.at
    while (at < cursor.bytes.length && isJsonBlank(cursor.bytes[at]!)) at++
    cursor.take(at)
    if (at < cursor.bytes.length) return true
  }
  return false
}

/** A position in a stream of bytes, and the line it is on. */
class Cursor {
  bytes: Uint8Array = new Uint8Array()
  at = 0
  line = 1
  readonly #chunks: AsyncIterator<Uint8Array>

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** Holds `count` bytes from here on, or all that are left; false when none are. */
  async ensure(count: number): Promise<boolean> {
    while (this.bytes.length - this.at < count) {
      const next = await this.#chunks.next()
      if (next.done === true) break
      const left = this.bytes.subarray(this.at)
      this.bytes = left.length === 0 ? next.value : Buffer.concat([left, next.value])
      this.at = 0
    }
    return this.at < this.bytes.length
  }

  head(count: number): string {
    return Buffer.from(this.bytes.subarray(this.at, this.at + count)).toString('latin1')
  }

  /** The bytes up to `end`, an offset into `bytes`; moves there. */
  take(end: number): Uint8Array {
    const taken = this.bytes.subarray(this.at, end)
    for (let at = taken.indexOf(newline); at !== -1; at = taken.indexOf(newline, at + 1)) this.line++
    this.at = end
    return taken
  }

  skip(count: number): void {
    this.take(this.at + count)
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }
}

const newline = 0x0a
const quote = 0x22
const comma = 0x2c
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
