/**
 * The server's answers: `Request` in, `Response` out, no socket of its own. The API takes the admin key as a bearer
 * key, the page a session; health is open and tells no more than that. Reads are not yet recorded.
 */
import { Hono, type Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Audit } from '../audit.ts'
import { Access, refuseOtherHosts } from './access.ts'
import { csvAnswer } from './csv.ts'
import { eventRoutes } from './events.ts'
import { healthRoutes } from './health.ts'
import { httpLimits } from './limits.ts'
import { liveAnswer } from './live/answer.ts'
import type { LiveView } from './live/stream.ts'
import { LiveStreams, type LiveLimits } from './live/streams.ts'
import { logRoutes } from './logs.ts'
import { pageRoutes } from './page/routes.ts'
import { HttpProblem, problemOf } from './problem.ts'
import { surveyRoutes } from './survey.ts'

export interface AppOptions {
  audit: Audit
  /** What clients send as `Authorization: Bearer …`. */
  adminKey: string
  /** Logs in one browser, once, by a link: `/login?once=…`. For whoever reads the terminal of a server just started. */
  oneTimeKey?: string
  /** Names that a request's Host may have; any when absent, as behind a proxy. */
  hosts?: readonly string[]
  /** Told of every failure that is ours, with the id the client has got. */
  onError?: (failure: { id: string; error: unknown }) => void
  /** Milliseconds since 1970; the clock when absent. */
  now?: () => number
  /** Aborted when the server stops: live streams end. */
  signal?: AbortSignal
  /** Other limits of live streams than `httpLimits`. */
  liveLimits?: Partial<LiveLimits>
}

/** What the routes share. */
export interface Served {
  audit: Audit
  access: Access
  now: () => number
  onError: ((failure: { id: string; error: unknown }) => void) | undefined
  streams: LiveStreams
  liveLimits: LiveLimits
}

export function createApp(options: AppOptions): Hono {
  const { audit, adminKey, oneTimeKey, hosts, onError, now = Date.now, signal } = options
  const access = new Access({ admin: adminKey, oneTime: oneTimeKey }, now())
  const liveLimits = { ...httpLimits, ...options.liveLimits }
  const streams = new LiveStreams(liveLimits)
  signal?.addEventListener('abort', () => streams.close(), { once: true })
  const served: Served = { audit, access, now, onError, streams, liveLimits }
  const app = new Hono()

  // Around everything that may refuse: a refusal is guarded like any other answer.
  app.use(async (c, next) => {
    await next()
    for (const [name, value] of Object.entries(guardHeaders)) c.res.headers.set(name, value)
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store')
  })
  app.use(async (c, next) => {
    if (hosts !== undefined) refuseOtherHosts(c.req.raw, hosts)
    return next()
  })
  // Browsers cannot send a key along with a stream: this alone of the API takes a session too.
  app.get('/api/v1/live', async (c) => {
    const session = access.sessionOf(c.req.raw, now())
    const visitor = access.hasBearer(c.req.raw) ? ({ kind: 'key' } as const) : session
    if (visitor === undefined) return refuseNobody(c)
    const asked = { request: c.req.raw, queries: c.req.queries() }
    return liveAnswer(served, asked, visitor, wholeEvents)
  })
  for (const path of ['/api/*', '/logs/*'])
    app.use(path, async (c, next) => (access.hasBearer(c.req.raw) ? next() : refuseNobody(c)))

  app.route('/', healthRoutes(served))
  app.get('/api/v1/events.csv', (c) =>
    csvAnswer(served, { queries: c.req.queries(), isHead: c.req.method === 'HEAD', forExcel: false }),
  )
  app.route('/api/v1/events', eventRoutes(served))
  app.route('/api/v1/survey', surveyRoutes(served))
  app.route('/logs', logRoutes(served))
  app.route('/', pageRoutes(served))

  app.notFound((c) =>
    c.json(problemOf(new HttpProblem(404, 'not_found', 'There is nothing at this address.')).body, 404),
  )
  app.onError((error, c) => {
    const { status, body, isOurs } = problemOf(error)
    if (isOurs) onError?.({ id: body.error.id, error })
    return c.json(body, status satisfies ContentfulStatusCode)
  })
  return app
}

const wholeEvents: LiveView = { name: 'audit', of: (event) => event, gap: (gap) => gap }

function refuseNobody(c: Context): Response {
  const { body } = problemOf(
    new HttpProblem(
      401,
      'unauthorized',
      'The admin key is missing, or is another one.',
      'send Authorization: Bearer KEY, with the key in admin.key',
    ),
  )
  c.header('www-authenticate', 'Bearer')
  return c.json(body, 401)
}

const guardHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // Not no-referrer: with that browsers send no Origin along with forms.
  'referrer-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
} as const
