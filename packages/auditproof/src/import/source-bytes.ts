/** The bytes of a source: a file, or standard input as `-`; gzip is recognised by its first two bytes, not by a name. */
import { createReadStream } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { AuditError } from '../errors.ts'

const chunkBytes = 256 * 1024

/**
 * Streamed: an inflated file is never held whole, however large it gets.
 * @throws AuditError `input_malformed`: no such file, not readable, gzip damaged or cut off
 */
export async function* readBytes(
  source: string,
  stdin: AsyncIterable<Uint8Array> = process.stdin,
): AsyncGenerator<Uint8Array> {
  const name = source === '-' ? 'standard input' : source
  const stored: AsyncIterable<Uint8Array> =
    source === '-' ? stdin : createReadStream(source, { highWaterMark: chunkBytes })
  let inflating = false
  try {
    const { head, all } = await peek(stored)
    if (isUtf16(head)) throw notUtf8(name)
    inflating = head[0] === 0x1f && head[1] === 0x8b
    yield* inflating ? inflate(all) : all
  } catch (error) {
    throw error instanceof AuditError ? error : unreadable(name, error, inflating)
  }
}

/** The first two bytes, and everything with them. */
async function peek(chunks: AsyncIterable<Uint8Array>): Promise<{ head: Uint8Array; all: AsyncGenerator<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]()
  let head: Uint8Array = new Uint8Array()
  while (head.length < 2) {
    const next = await iterator.next()
    if (next.done === true) break
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value])
  }
  return { head, all: resume(head, iterator) }
}

async function* resume(head: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
  } finally {
    // Whoever stops reading early closes the file with it.
    await iterator.return?.()
  }
}

async function* inflate(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: chunkBytes })
  // A failure on either side destroys the other; it comes out of the iteration below.
  pipeline(Readable.from(chunks, { objectMode: false }), gunzip, () => {})
  for await (const chunk of gunzip) yield chunk as Uint8Array
}

const isUtf16 = (head: Uint8Array): boolean =>
  (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)

const notUtf8 = (name: string): AuditError =>
  new AuditError('input_malformed', `${name} is UTF-16 text; import reads UTF-8.`, {
    hint: `convert it: iconv -f UTF-16 -t UTF-8 ${name}`,
  })

function unreadable(name: string, cause: unknown, inflating: boolean): AuditError {
  const { code, message } = cause as NodeJS.ErrnoException
  if (code === 'ENOENT')
    return new AuditError('input_malformed', `${name} does not exist.`, { hint: 'check the path', cause })
  if (code === 'EISDIR')
    return new AuditError('input_malformed', `${name} is a directory.`, { hint: 'name the files in it', cause })
  if (inflating && code === 'Z_BUF_ERROR')
    return new AuditError('input_malformed', `${name} is cut off: its gzip data end too early.`, {
      hint: 'fetch the file again and import it again: what was imported already is not imported twice',
      cause,
    })
  if (inflating && code?.startsWith('Z_') === true)
    return new AuditError('input_malformed', `${name} is damaged gzip (${message}).`, {
      hint: 'check it with gzip -t, fetch it again and import it again',
      cause,
    })
  return new AuditError('input_malformed', `${name} cannot be read: ${message}.`, {
    hint: 'check that it exists and that this user may read it',
    cause,
  })
}
