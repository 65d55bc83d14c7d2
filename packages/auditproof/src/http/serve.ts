/** Binds the app to a port. */
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { AuditError } from '../errors.ts'
import { loopbackNames } from './access.ts'
import { createApp, type AppOptions } from './app.ts'

export interface ServeOptions extends Omit<AppOptions, 'hosts'> {
  host: string
  /** 0 takes one that is free. */
  port: number
  /** Names, beside those of this machine, that Host may have when it listens on loopback. */
  allowedHosts?: readonly string[]
}

export interface Serving {
  url: string
  /** Stops accepting, and resolves when every request under way is answered. */
  close(): Promise<void>
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)

/** How long requests under way may take when the server stops, milliseconds. */
const closeTimeoutMs = 5_000

/** @throws AuditError `usage` where the address cannot be had */
export async function serve({ host, port, allowedHosts = [], ...options }: ServeOptions): Promise<Serving> {
  const app = createApp({ ...options, ...(isLoopback(host) && { hosts: [...loopbackNames, host, ...allowedHosts] }) })
  const server = createAdaptorServer({ fetch: app.fetch })
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
        // Connections that wait for a next request hold nothing up; slow ones only so long.
        if ('closeIdleConnections' in server) server.closeIdleConnections()
        setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), closeTimeoutMs).unref()
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
