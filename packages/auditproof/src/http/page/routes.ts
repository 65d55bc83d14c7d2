/** The pages: a list that follows live, an event, a login. For people; programs take the API. */
import { readFileSync } from 'node:fs'
import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { html } from 'hono/html'
import { readEvent, visibleText } from '../../reader/index.ts'
import { refuseOtherSites } from '../access.ts'
import type { Served } from '../app.ts'
import { csvAnswer } from '../csv.ts'
import { liveAnswer } from '../live/answer.ts'
import type { LiveView } from '../live/stream.ts'
import { HttpProblem, problemOf } from '../problem.ts'
import { receiptOf } from '../receipt.ts'
import { eventPage } from './event-page.ts'
import { contentSecurityPolicy, frame, type Html } from './frame.ts'
import { listPage } from './list-page.ts'
import { listFor } from './listed.ts'
import { loginPage, safeNext } from './login.ts'
import { rowOfEvent } from './row.ts'

/** The page's scripts, files beside this one, sent as they are. */
const scriptNames = ['live.js', 'live-list.js', 'live-row.js', 'live-stream.js']
const loginBytesMax = 8_192
/** Offered while typing; with more tenants than this a list helps nobody. */
const tenantsOffered = 200

export function pageRoutes(served: Served): Hono {
  const { audit, access, now, onError, streams } = served
  const policy = contentSecurityPolicy()
  const scripts = new Map(
    scriptNames.map((name) => [name, readFileSync(new URL(name, import.meta.url), 'utf8')] as const),
  )
  const page = (c: Context, content: Html, status: 200 | 400 | 401 = 200): Response | Promise<Response> => {
    c.header('content-security-policy', policy)
    return c.html(content, status)
  }
  const app = new Hono()

  app.post('/login', bodyLimit({ maxSize: loginBytesMax }), async (c) => {
    refuseOtherSites(c.req.raw)
    const { key, next } = await c.req.parseBody()
    if (typeof key !== 'string' || !access.isKey(key.trim()))
      return page(c, loginPage(safeNext(next), 'This is not the admin key.'), 401)
    c.header('set-cookie', access.sessionCookie(c.req.raw, now()))
    return c.redirect(safeNext(next), 303)
  })
  app.get('/login', (c) => {
    refuseOtherSites(c.req.raw)
    const once = c.req.query('once')
    // Whoever only looks ahead must not use up the link.
    const isLook = c.req.method === 'HEAD' || /prefetch|prerender/.test(c.req.header('sec-purpose') ?? '')
    if (once === undefined || isLook) return page(c, loginPage('/'))
    if (!access.takeOneTimeKey(once, now()))
      return page(c, loginPage('/', 'This link is used up, or too old. The admin key opens the page as well.'), 401)
    c.header('set-cookie', access.sessionCookie(c.req.raw, now()))
    return c.redirect('/', 303)
  })
  app.post('/logout', (c) => {
    refuseOtherSites(c.req.raw)
    const session = access.sessionOf(c.req.raw, now())
    if (session !== undefined) {
      access.endSession(session, now())
      streams.endOf(session)
    }
    c.header('set-cookie', access.endedCookie(c.req.raw))
    return c.redirect('/', 303)
  })
  app.get('/page/:name', (c) => {
    const script = scripts.get(c.req.param('name'))
    if (script === undefined) return c.notFound()
    return c.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-cache' })
  })
  app.get('/live', async (c) => {
    const session = access.sessionOf(c.req.raw, now())
    if (session === undefined) throw new HttpProblem(401, 'unauthorized', 'The session has ended.', 'log in again')
    const asked = { request: c.req.raw, queries: c.req.queries() }
    return liveAnswer(served, asked, session, rows)
  })
  for (const path of ['/', '/events.csv', '/events/*'])
    app.use(path, async (c, next) => {
      if (access.sessionOf(c.req.raw, now()) !== undefined) return next()
      const { pathname, search } = new URL(c.req.url)
      return page(c, loginPage(pathname + search), 401)
    })

  app.get('/', async (c) => {
    const opened = await audit.opened()
    const { store } = opened
    const queries = c.req.queries()
    const typed = Object.fromEntries(
      Object.entries(queries).flatMap(([name, [value]]) =>
        ['cursor', 'limit', 'n'].includes(name) || value === undefined || value === '' ? [] : [[name, value]],
      ),
    )
    const tenants = (await store.heads())
      .map(({ tenant }) => tenant)
      .filter((tenant) => tenant !== '_meta' && visibleText(tenant) === tenant)
    const listed = await listFor(opened, queries, now())
    const content = listPage({
      storeName: store.name,
      typed,
      tenants: tenants.length > tenantsOffered ? [] : tenants,
      url: new URL(c.req.url).origin,
      ...listed,
    })
    return page(c, content, listed.problem === undefined ? 200 : 400)
  })
  app.get('/events.csv', (c) =>
    csvAnswer(served, { queries: c.req.queries(), isHead: c.req.method === 'HEAD', forExcel: true }),
  )
  app.get('/events/:id', async (c) => {
    const { store } = await audit.opened()
    return page(
      c,
      eventPage(store.name, await readEvent(store, { id: c.req.param('id'), tenant: c.req.query('tenant') })),
    )
  })
  app.get('/events/:id/receipt', (c) => receiptOf(audit, c.req.param('id'), c.req.query('tenant')))

  app.onError((error, c) => {
    const { status, body, isOurs } = problemOf(error)
    if (isOurs) onError?.({ id: body.error.id, error })
    const { message, hint, id } = body.error
    c.header('content-security-policy', policy)
    return c.html(
      frame({
        title: 'Not possible',
        body: html`<h1>${visibleText(message)}</h1>
          <p>${visibleText(hint ?? '')}</p>
          <p>Error ${id}</p>
          <p><a href="/">← Events</a></p>`,
      }),
      status,
    )
  })
  return app
}

/** The list's script is given what it shows, in the words of the list. */
const rows: LiveView = {
  name: 'row',
  of: rowOfEvent,
  gap: (gap) => ({ ...gap, tenant: visibleText(gap.tenant) }),
}
