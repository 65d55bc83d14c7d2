/** The body of a request as JSON, with its size and depth bounded before it is parsed. */
import { keepLarge } from '../event/large-numbers.ts'
import { parseJson } from '../event/parse-json.ts'
import { httpLimits } from './limits.ts'
import { HttpProblem } from './problem.ts'

/** @throws HttpProblem 400, 413, 415 */
export async function readJson(request: Request): Promise<unknown> {
  const encoding = request.headers.get('content-encoding')
  if (encoding !== null && encoding !== 'identity')
    throw new HttpProblem(
      415,
      'unsupported_media_type',
      `Content-Encoding ${JSON.stringify(encoding)} is not taken.`,
      'send the JSON as it is',
    )
  const type = request.headers.get('content-type')
  if (type !== null && !/^application\/(?:[\w.+-]+\+)?json\b/i.test(type))
    throw new HttpProblem(
      415,
      'unsupported_media_type',
      `Content-Type ${JSON.stringify(type)} is not taken.`,
      'send application/json',
    )
  const bytes = await readBody(request)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw malformed('The body is not UTF-8.')
  }
  if (isDeeperThan(bytes, httpLimits.bodyDepthMax))
    throw malformed(`The body is nested deeper than ${httpLimits.bodyDepthMax} levels.`)
  try {
    return parseJson(text, keepLarge)
  } catch (error) {
    throw malformed(`The body is not JSON${placeOf(error)}.`)
  }
}

async function readBody(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > httpLimits.bodyBytesMax) throw tooLarge()
  if (request.body === null) throw malformed('The body is empty.')
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > httpLimits.bodyBytesMax) throw tooLarge()
    chunks.push(chunk)
  }
  if (length === 0) throw malformed('The body is empty.')
  return Buffer.concat(chunks, length)
}

/** Looks at brackets outside strings, and stops at the first that is too deep. */
function isDeeperThan(json: Uint8Array, depthMax: number): boolean {
  let depth = 0
  let inString = false
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]
    if (inString) {
      if (byte === backslash) at++
      else if (byte === quote) inString = false
    } else if (byte === quote) inString = true
    else if (byte === openBracket || byte === openBrace) {
      if (++depth > depthMax) return true
    } else if (byte === closeBracket || byte === closeBrace) depth--
  }
  return false
}

const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d]

/** The parser's place, without the text around it that it quotes; of a short text it tells none. */
function placeOf(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  const position = /position (\d+)/.exec(message)?.[1]
  if (position !== undefined) return `: at character ${position}`
  return message.includes('end of JSON') ? ': it ends too early' : ''
}

const malformed = (message: string): HttpProblem =>
  new HttpProblem(400, 'input_malformed', message, 'send one event, or an array of events, as JSON')
const tooLarge = (): HttpProblem =>
  new HttpProblem(
    413,
    'too_large',
    `The body is larger than ${httpLimits.bodyBytesMax} bytes.`,
    'send fewer events at once',
  )
