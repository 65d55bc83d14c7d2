/**
 * Server-sent events as text (https://html.spec.whatwg.org/multipage/server-sent-events.html). Data is JSON without line
 * breaks, ids are base64url: nothing in them ends a line.
 */
import { visibleJson } from '../../reader/index.ts'

/**
 * Named `audit`, `gap`, `problem`. Not `error`: an EventSource has an event of its own by that name, for lost connections.
 * @param id what the client comes back with; what has none leaves the last one as it is
 */
export const sseEvent = (name: string, data: unknown, id?: string): string =>
  `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${visibleJson(data)}\n\n`

/**
 * Where the stream stands, without an event. By "dispatch the event", step 1, the last event id is set before step 2 looks
 * whether there is data: so also whoever waits for something rare comes back to here.
 */
export const ssePlace = (id: string, comment: string): string => `: ${comment}\nid: ${id}\n\n`

/** When to come back, milliseconds. */
export const sseRetry = (ms: number): string => `retry: ${ms}\n`
