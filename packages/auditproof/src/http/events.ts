/** `/api/v1/events`: events in, pages of events out, one event, its receipt. */
import { Hono, type Context } from 'hono'
import type { Audit } from '../audit.ts'
import { listEvents, readEvent } from '../reader/index.ts'
import type { Ack } from '../recorder/ack.ts'
import type { Served } from './app.ts'
import { readJson } from './json-body.ts'
import { httpLimits } from './limits.ts'
import { listNames, parseListQuery, readParameters } from './parameters.ts'
import { HttpProblem, problemOf, type Problem } from './problem.ts'
import { receiptOf } from './receipt.ts'

export function eventRoutes({ audit, now }: Served): Hono {
  return new Hono()
    .post('/', async (c) => {
      const body = await readJson(c.req.raw)
      return Array.isArray(body) ? recordAll(audit, body, c) : c.json(await recordOne(audit, body), 201)
    })
    .get('/', async (c) => {
      const request = parseListQuery(readParameters(c.req.queries(), listNames), now())
      return c.json(await listEvents(await audit.opened(), request))
    })
    .get('/:id', async (c) => {
      const { tenant } = readParameters(c.req.queries(), ['tenant'])
      const { store } = await audit.opened()
      const { event } = await readEvent(store, { id: c.req.param('id'), tenant })
      return c.json(event)
    })
    .get('/:id/receipt', async (c) => {
      const { tenant } = readParameters(c.req.queries(), ['tenant'])
      return receiptOf(audit, c.req.param('id'), tenant)
    })
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
      events.length === 0 ? 'input_malformed' : 'too_large',
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
