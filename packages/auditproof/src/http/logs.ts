/**
 * Logs as C2SP tlog-tiles: `/logs/<log>/checkpoint`, `/logs/<log>/tile/…`, where `<log>` is the end of the origin, or
 * `meta`. Served up to what is published, so that no tile speaks of more than a checkpoint vouches for.
 */
import { Hono } from 'hono'
import { AuditError } from '../errors.ts'
import { metaTenant } from '../event/index.ts'
import { encodeEntryBundle, parseTilePath, tileWidth } from '../log/index.ts'
import type { LogHead, Store } from '../store/store.ts'
import type { Served } from './app.ts'
import { HttpProblem } from './problem.ts'

export function logRoutes({ audit }: Pick<Served, 'audit'>): Hono {
  const logs = new LogNames()
  return new Hono()
    .get('/:log/checkpoint', async (c) => {
      const { store } = await audit.opened()
      const { published } = await logs.find(store, c.req.param('log'))
      if (published === undefined) throw notFound('This log has no checkpoint yet.')
      return answer(published.note, 'text/plain; charset=utf-8', 'private, max-age=1')
    })
    .get('/:log/tile/*', async (c) => {
      const { store } = await audit.opened()
      const head = await logs.find(store, c.req.param('log'))
      const path = c.req.path.slice(c.req.path.indexOf('/tile/') + 1)
      return answer(
        await readTile(store, head, path),
        'application/octet-stream',
        'private, max-age=31536000, immutable',
      )
    })
}

/** Tiles never change; a partial one may be of an older, smaller tree. */
async function readTile(store: Store, { log, published }: LogHead, path: string): Promise<Uint8Array> {
  const { level, index, width } = parseTile(path)
  if (width > tileWidth(level === 'entries' ? 0 : level, index, published?.size ?? 0))
    throw notFound('This log is not that large.')
  if (level !== 'entries') return store.tile(log, level, index, width)
  const entries = await store.entries(log, index * 256, index * 256 + width)
  if (entries.length !== width)
    throw new AuditError('store_corrupt', `Entries of bundle ${index} of log ${log} are missing.`)
  return encodeEntryBundle(entries.map(({ entry }) => entry))
}

function parseTile(path: string): ReturnType<typeof parseTilePath> {
  try {
    return parseTilePath(path)
  } catch {
    throw notFound('There is no such tile.')
  }
}

/** Which tenant's log a name means; logs are never renamed, so what is found stays. */
class LogNames {
  readonly #tenants = new Map<string, string>()

  async find(store: Store, name: string): Promise<LogHead> {
    if (!this.#tenants.has(name) && /^(?:meta|[0-9a-f]{16})$/.test(name))
      for (const { tenant, origin } of await store.heads())
        this.#tenants.set(tenant === metaTenant ? 'meta' : origin.slice(-16), tenant)
    const tenant = this.#tenants.get(name)
    const head = tenant === undefined ? undefined : await store.headOf(tenant)
    if (head === undefined) throw notFound('There is no such log.')
    return head
  }
}

const answer = (body: string | Uint8Array, type: string, caching: string): Response =>
  new Response(typeof body === 'string' ? body : new Uint8Array(body), {
    headers: { 'content-type': type, 'cache-control': caching },
  })

const notFound = (message: string): HttpProblem => new HttpProblem(404, 'not_found', message)
