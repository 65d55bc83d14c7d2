/** What a client is told when something fails: a code, what to do, and an id; never SQL, paths or stacks. */
import { randomBytes } from 'node:crypto'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { AuditError, type ErrorCode, type TextPlace } from '../errors.ts'

/** What goes wrong between client and server alone, as a closed list like that of errors.ts. */
export const httpCodes = [
  'unauthorized', // 401: no key, another one, or a session that has ended
  'forbidden', // 403: sent by a page of another site
  'too_large', // 413: the body, or too many events in it
  'unsupported_media_type', // 415: no JSON, or compressed
  'misdirected', // 421: a name that this server does not answer to
  'too_many_streams', // 429: live streams of this key, this session or this server
  'internal', // 500: our own fault; the server's log says more under the id
] as const

export type HttpCode = (typeof httpCodes)[number]

export interface Problem {
  status: ContentfulStatusCode
  /** `place`: where in the query, when a piece of it is what is wrong. */
  body: { error: { code: ErrorCode | HttpCode; message: string; hint?: string; place?: TextPlace; id: string } }
  /** True when the cause is ours, and somebody should look at it. */
  isOurs: boolean
}

/** A failure that HTTP knows and the library does not. */
export class HttpProblem extends Error {
  readonly status: ContentfulStatusCode
  readonly code: ErrorCode | HttpCode
  readonly hint: string | undefined

  constructor(status: ContentfulStatusCode, code: ErrorCode | HttpCode, message: string, hint?: string) {
    super(message)
    this.status = status
    this.code = code
    this.hint = hint
  }
}

/** Codes whose message speaks of the request alone; of the others the client learns the code. */
const told: { readonly [code in ErrorCode]?: ContentfulStatusCode } = {
  usage: 400,
  tenant_required: 400,
  cursor_ahead: 409,
  input_malformed: 400,
  tile_malformed: 400,
  not_found: 404,
  id_conflict: 409,
}

const untold: { readonly [code in ErrorCode]?: [ContentfulStatusCode, string] } = {
  store_rejected: [422, 'The store refused this event.'],
  queue_full: [503, 'Too many events wait for the store already; send this one again later, with the same id.'],
  store_busy: [503, 'The store is busy; send it again, with the same id.'],
  outcome_unknown: [503, 'It may or may not be stored; send it again, with the same id.'],
  store_unavailable: [503, 'The store cannot be reached; send it again later, with the same id.'],
  closed: [503, 'The server is stopping; send it again, with the same id.'],
  disk_full: [507, 'The store is full.'],
}

export function problemOf(error: unknown): Problem {
  const id = randomBytes(8).toString('hex')
  const problem = (
    status: ContentfulStatusCode,
    code: ErrorCode | HttpCode,
    message: string,
    { hint, place }: { hint?: string | undefined; place?: TextPlace | undefined } = {},
  ): Problem => ({
    status,
    body: { error: { code, message, ...(hint !== undefined && { hint }), ...(place && { place }), id } },
    isOurs: status >= 500,
  })
  if (error instanceof HttpProblem) return problem(error.status, error.code, error.message, { hint: error.hint })
  if (error instanceof AuditError) {
    const status = told[error.code]
    if (status !== undefined) return problem(status, error.code, error.message, error)
    const [other, message] = untold[error.code] ?? [500, 'Something went wrong here; the log of the server says more.']
    return problem(other, error.code, message)
  }
  return problem(500, 'internal', 'Something went wrong here; the log of the server says more.')
}
