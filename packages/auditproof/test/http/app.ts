/** The app over a store in memory: requests without sockets. */
import { randomBytes } from 'node:crypto'
import type { Hono } from 'hono'
import { createAudit, type Audit } from '../../src/audit.ts'
import { createApp, type AppOptions } from '../../src/http/app.ts'
import { memoryStore } from '../../src/store/memory/index.ts'
import type { Store } from '../../src/store/store.ts'

export interface Here {
  audit: Audit
  app: Hono
  key: string
  bearer: { authorization: string }
  /** Failures the server was told of. */
  failures: { id: string; error: unknown }[]
}

export function openHere(options: Partial<AppOptions> & { store?: Store } = {}): Here {
  const { store = memoryStore({ name: `test-${randomBytes(4).toString('hex')}` }), ...rest } = options
  const audit = rest.audit ?? createAudit({ store })
  const key = randomBytes(32).toString('hex')
  const failures: Here['failures'] = []
  const app = createApp({ adminKey: key, onError: (failure) => failures.push(failure), ...rest, audit })
  return { audit, app, key, bearer: { authorization: `Bearer ${key}` }, failures }
}

export const post = (body: unknown, headers: Record<string, string>): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
})

export const jsonOf = async (response: Response): Promise<never> => (await response.json()) as never
