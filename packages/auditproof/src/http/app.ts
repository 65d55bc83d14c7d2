/**
 * The server's answers: `Request` in, `Response` out, no socket of its own. The API takes the admin key as a bearer
 * key, the page a session; health is open and tells no more than that. Reads are not yet recorded.
 */
import { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Audit } from '../audit.ts'
import { Access, refuseOtherHosts } from './access.ts'
import { eventRoutes } from './events.ts'
import { healthRoutes } from './health.ts'
import { logRoutes } from './logs.ts'
import { pageRoutes } from './page/routes.ts'
import { HttpProblem, problemOf } from './problem.ts'

export interface AppOptions {
  audit: Audit
  /** What clients send as `Authorization: Bearer …`. */
  adminKey: string
  /** Names that a request's Host may have; any when absent, as behind a proxy. */
  hosts?: readonly string[]
  /** Told of every failure that is ours, with the id the client has got. */
  onError?: (failure: { id: string; error: unknown }) => void
  /** Milliseconds since 1970; the clock when absent. */
  now?: () => number
}

/** What the routes share. */
export interface Served {
  audit: Audit
  access: Access
  now: () => number
  onError: ((failure: { id: string; error: unknown }) => void) | undefined
}

export function createApp({ audit, adminKey, hosts, onError, now = Date.now }: AppOptions): Hono {
  const access = new Access(adminKey)
  const served: Served = { audit, access, now, onError }
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
  for (const path of ['/api/*', '/logs/*'])
    app.use(path, async (c, next) => {
      if (!access.hasBearer(c.req.raw)) {
        c.header('www-authenticate', 'Bearer')
        return c.json(problemOf(noKey()).body, 401)
      }
      return next()
    })

  app.route('/', healthRoutes(served))
  app.route('/api/v1/events', eventRoutes(served))
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

const noKey = (): HttpProblem =>
  new HttpProblem(
    401,
    'usage',
    'The admin key is missing, or is another one.',
    'send Authorization: Bearer KEY, with the key in admin.key',
  )

const guardHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // Not no-referrer: with that browsers send no Origin along with forms.
  'referrer-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
} as const
