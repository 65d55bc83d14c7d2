/** The pages: a list, an event, a login. For people; programs take the API. */
import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { html } from 'hono/html'
import { AuditError } from '../../errors.ts'
import { listRows, readEvent, visibleText, type ListRequest, type RowPage, type Source } from '../../reader/index.ts'
import { refuseOtherSites } from '../access.ts'
import type { Served } from '../app.ts'
import { parseListQuery } from '../events.ts'
import { problemOf } from '../problem.ts'
import { receiptOf } from '../receipt.ts'
import { eventPage } from './event-page.ts'
import { contentSecurityPolicy, frame, type Html } from './frame.ts'
import { listPage } from './list-page.ts'
import { loginPage, safeNext } from './login.ts'

const loginBytesMax = 8_192
/** Offered while typing; with more tenants than this a list helps nobody. */
const tenantsOffered = 200

export function pageRoutes({ audit, access, now, onError }: Served): Hono {
  const policy = contentSecurityPolicy()
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
  app.post('/logout', (c) => {
    refuseOtherSites(c.req.raw)
    c.header('set-cookie', access.endedCookie(c.req.raw))
    return c.redirect('/', 303)
  })
  for (const path of ['/', '/events/*'])
    app.use(path, async (c, next) => {
      if (access.hasSession(c.req.raw, now())) return next()
      const { pathname, search } = new URL(c.req.url)
      return page(c, loginPage(pathname + search), 401)
    })

  app.get('/', async (c) => {
    const { store, cursorKey } = await audit.opened()
    const typed = Object.fromEntries(
      Object.entries(c.req.query()).filter(([name]) => name !== 'cursor' && name !== 'limit'),
    )
    const found = await listFor({ store, cursorKey }, c, now())
    const tenants = (await store.heads())
      .map(({ tenant }) => tenant)
      .filter((tenant) => tenant !== '_meta' && visibleText(tenant) === tenant)
    const content = listPage({
      storeName: store.name,
      typed,
      tenants: tenants.length > tenantsOffered ? [] : tenants,
      isFirst: c.req.query('cursor') === undefined,
      url: new URL(c.req.url).origin,
      ...found,
    })
    return page(c, content, found.problem === undefined ? 200 : 400)
  })
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

interface Listed {
  filter: ListRequest['filter']
  page: RowPage
  problem?: { message: string; hint: string | undefined }
}

/** A filter that makes no sense is told above the list, with what was typed still in the form. */
async function listFor(source: Source, c: Context, now: number): Promise<Listed> {
  try {
    const request = parseListQuery(c.req.queries(), now)
    const page = await listRows(source, request)
    return { filter: request.filter, page }
  } catch (error) {
    if (!(error instanceof AuditError && (error.code === 'usage' || error.code === 'cursor_ahead'))) throw error
    return {
      filter: { query: { terms: [] } },
      page: { rows: [] },
      problem: { message: error.message, hint: error.hint },
    }
  }
}
