/** Whether the process lives, and whether it can record. Open to all, so it tells no more than that. */
import { Hono } from 'hono'
import type { Served } from './app.ts'

export function healthRoutes({ audit }: Pick<Served, 'audit'>): Hono {
  return new Hono()
    .get('/healthz', (c) => c.json({ status: 'ok' }))
    .get('/readyz', async (c) => {
      const reachable = await canRead(audit)
      const { status } = audit.health()
      const ready = reachable && status !== 'failing'
      return c.json({ status: ready ? status : 'failing' }, ready ? 200 : 503)
    })
}

async function canRead(audit: Served['audit']): Promise<boolean> {
  try {
    const { store } = await audit.opened()
    await store.headOf('_system')
    return true
  } catch {
    return false // told as what it is: not ready
  }
}
