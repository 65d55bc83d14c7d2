/** Where an event came from, as lines for people. */
import type { Context } from '../event/index.ts'

const labels: { readonly [name in Exclude<keyof Context, 'http'>]-?: string } = {
  ip: 'address',
  forwarded: 'forwarded',
  userAgent: 'user agent',
  requestId: 'request id',
  traceId: 'trace id',
  spanId: 'span id',
  correlationId: 'correlation',
  node: 'node',
  service: 'service',
  module: 'module',
  version: 'version',
  query: 'query',
}

export function contextLines(context: Context | undefined): [label: string, text: string][] {
  if (context === undefined) return []
  const { http, ...rest } = context
  const lines = Object.entries(rest).map(([name, value]): [string, string] => [
    labels[name as keyof typeof labels] ?? name,
    Array.isArray(value) ? value.join(', ') : value,
  ])
  return http === undefined ? lines : [...lines, ['request', httpLine(http)]]
}

/** `PATCH /cases/c_12 → 200 in 14 ms`; the route says more than the path where there is one. */
function httpLine({ method, route, path, status, durationMs }: NonNullable<Context['http']>): string {
  const answered = status === undefined ? '' : ` → ${status}`
  const took = durationMs === undefined ? '' : ` in ${durationMs} ms`
  const matched = route === undefined || route === path ? '' : ` (${route})`
  return `${method} ${path}${matched}${answered}${took}`
}
