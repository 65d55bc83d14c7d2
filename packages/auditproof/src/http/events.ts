/** `/api/v1/events`: events in, pages of events out, one event, its receipt. */
import { Hono, type Context } from 'hono'
import type { Audit } from '../audit.ts'
import { AuditError } from '../errors.ts'
import {
  listEvents,
  listLimits,
  parseFilter,
  readEvent,
  unknownName,
  filterNames,
  type ListRequest,
} from '../reader/index.ts'
import type { Ack } from '../recorder/ack.ts'
import type { Served } from './app.ts'
import { httpLimits, readJson } from './json-body.ts'
import { HttpProblem, problemOf, type Problem } from './problem.ts'
import { receiptOf } from './receipt.ts'

export function eventRoutes({ audit, now }: Served): Hono {
  return new Hono()
    .post('/', async (c) => {
      const body = await readJson(c.req.raw)
      return Array.isArray(body) ? recordAll(audit, body, c) : c.json(await recordOne(audit, body), 201)
    })
    .get('/', async (c) => {
      return c.json(await listEvents(await audit.opened(), parseListQuery(c.req.queries(), now())))
    })
    .get('/:id', async (c) => {
      const { store } = await audit.opened()
      const { event } = await readEvent(store, { id: c.req.param('id'), tenant: c.req.query('tenant') })
      return c.json(event)
    })
    .get('/:id/receipt', async (c) => receiptOf(audit, c.req.param('id'), c.req.query('tenant')))
}

/** @throws AuditError, HttpProblem */
async function recordOne(audit: Audit, body: unknown, place = ''): Promise<Ack> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new HttpProblem(
      400,
      'input_malformed',
      `${where(place)} is no event: it is not an object.`,
      'an event is { "action": "case.update", … }',
    )
  const { action, ...event } = body as { [key: string]: unknown }
  if (typeof action !== 'string' || action === '')
    throw new HttpProblem(
      400,
      'input_malformed',
      `${where(place)} is no event: /action is missing.`,
      'say what was done: "action": "case.update"',
    )
  return audit.record(action, event)
}

const where = (place: string): string => (place === '' ? 'The body' : `Element ${place} of the array`)

/**
 * An array: 201 and the acks in the same order when all are stored. 207 when only some are: an element is then an ack
 * or an `{ error }`. When none is, the error of the first, with its status. Events carry ids, so sending the whole
 * array again stores nothing twice.
 */
async function recordAll(audit: Audit, events: unknown[], c: Context): Promise<Response> {
  if (events.length === 0 || events.length > httpLimits.eventsPerRequestMax)
    throw new HttpProblem(
      events.length === 0 ? 400 : 413,
      'input_malformed',
      `An array of ${events.length} events.`,
      `send 1 to ${httpLimits.eventsPerRequestMax} at once`,
    )
  const settled = await Promise.allSettled(events.map((event, i) => recordOne(audit, event, String(i))))
  const results = settled.map((result): Ack | Problem =>
    result.status === 'fulfilled' ? result.value : problemOf(result.reason),
  )
  const first = settled.find((result) => result.status === 'rejected')
  if (first === undefined) return c.json(results as Ack[], 201)
  if (settled.every(({ status }) => status === 'rejected')) throw first.reason
  return c.json(
    results.map((result) => ('body' in result ? result.body : result)),
    207,
  )
}

/** @throws AuditError `usage` for a parameter that is not known or stands twice */
export function parseListQuery(queries: { readonly [name: string]: string[] }, now: number): ListRequest {
  const given: { [name: string]: string } = {}
  const known = [...filterNames, 'limit', 'cursor']
  for (const [name, values] of Object.entries(queries)) {
    if (!known.includes(name)) throw unknownName('parameter', name, known)
    if (values.length > 1)
      throw new AuditError('usage', `The parameter ${name} stands ${values.length} times.`, { hint: 'give it once' })
    given[name] = values[0]!
  }
  const { limit, cursor, ...filter } = given
  return {
    filter: parseFilter(filter, now),
    now,
    ...(cursor !== undefined && cursor !== '' && { cursor }),
    ...(limit !== undefined && limit !== '' && { limit: parseLimit(limit) }),
  }
}

function parseLimit(text: string): number {
  if (!/^-?\d{1,9}$/.test(text))
    throw new AuditError('usage', `limit ${JSON.stringify(text)} is not a count.`, {
      hint: `1 to ${listLimits.pageEventsMax}`,
    })
  return Math.max(1, Number(text))
}
