/** Binds the app to a port. */
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { AuditError } from '../errors.ts'
import { loopbackNames } from './access.ts'
import { createApp, type AppOptions } from './app.ts'
import { httpLimits } from './limits.ts'

export interface ServeOptions extends Omit<AppOptions, 'hosts' | 'signal'> {
  host: string
  /** 0 takes one that is free. */
  port: number
  /** Names, beside those of this machine, that Host may have when it listens on loopback. */
  allowedHosts?: readonly string[]
}

export interface Serving {
  url: string
  /** Stops accepting, ends live streams, and resolves when every other request under way is answered. */
  close(): Promise<void>
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)

/** @throws AuditError `usage` where the address cannot be had */
export async function serve({ host, port, allowedHosts = [], ...options }: ServeOptions): Promise<Serving> {
  const stopping = new AbortController()
  const app = createApp({
    ...options,
    signal: stopping.signal,
    ...(isLoopback(host) && { hosts: [...loopbackNames, host, ...allowedHosts] }),
  })
  // A client that is gone without a word is noticed: a live stream may be silent for long.
  const serverOptions = { keepAlive: true, keepAliveInitialDelay: httpLimits.keepAliveMs }
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(bindError(error, host, port)))
    server.listen(port, host, () => resolve())
  })
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        stopping.abort()
        // Connections that wait for a next request hold nothing up; slow ones only so long.
        if ('closeIdleConnections' in server) server.closeIdleConnections()
        setTimeout(
          () => 'closeAllConnections' in server && server.closeAllConnections(),
          httpLimits.closeTimeoutMs,
        ).unref()
      }),
  }
}

function bindError(error: NodeJS.ErrnoException, host: string, port: number): AuditError {
  const [message, hint] =
    error.code === 'EADDRINUSE'
      ? [
          `Port ${port} on ${host} is in use.`,
          `another auditproof may run already; take another port: --port ${port + 1}`,
        ]
      : error.code === 'EACCES'
        ? [`Port ${port} needs more rights than this user has.`, 'take a port above 1023: --port 4780']
        : [
            `It is not possible to listen on ${host}, port ${port} (${error.code ?? error.message}).`,
            'check the address: --host 127.0.0.1',
          ]
  return new AuditError('usage', message, { hint, cause: error })
}
