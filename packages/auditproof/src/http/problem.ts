/** What a client is told when something fails: a code, what to do, and an id; never SQL, paths or stacks. */
import { randomBytes } from 'node:crypto'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { AuditError, type ErrorCode } from '../errors.ts'

export interface Problem {
  status: ContentfulStatusCode
  body: { error: { code: string; message: string; hint?: string; id: string } }
  /** True when the cause is ours, and somebody should look at it. */
  isOurs: boolean
}

/** A failure that HTTP knows and the library does not. */
export class HttpProblem extends Error {
  readonly status: ContentfulStatusCode
  readonly code: string
  readonly hint: string | undefined

  constructor(status: ContentfulStatusCode, code: string, message: string, hint?: string) {
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
  cursor_ahead: 400,
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
  const problem = (status: ContentfulStatusCode, code: string, message: string, hint?: string): Problem => ({
    status,
    body: { error: { code, message, ...(hint !== undefined && { hint }), id } },
    isOurs: status >= 500,
  })
  if (error instanceof HttpProblem) return problem(error.status, error.code, error.message, error.hint)
  if (error instanceof AuditError) {
    const status = told[error.code]
    if (status !== undefined) return problem(status, error.code, error.message, error.hint)
    const [other, message] = untold[error.code] ?? [500, 'Something went wrong here; the log of the server says more.']
    return problem(other, error.code, message)
  }
  return problem(500, 'internal', 'Something went wrong here; the log of the server says more.')
}
