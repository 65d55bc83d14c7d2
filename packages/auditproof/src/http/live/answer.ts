/** A request for a live stream, and its answer. */
import { refuseOtherSites, type Visitor } from '../access.ts'
import type { Served } from '../app.ts'
import { problemOf } from '../problem.ts'
import { findBeginning, parseLiveQuery } from './beginning.ts'
import { LiveStream, type LiveView } from './stream.ts'

/** What fails before the stream begins is an answer like any other; later it is an event `problem`, the last one. */
export async function liveAnswer(
  served: Served,
  { request, queries }: { request: Request; queries: { readonly [name: string]: string[] } },
  visitor: Visitor,
  view: LiveView,
): Promise<Response> {
  const { audit, access, now, onError, streams, liveLimits } = served
  refuseOtherSites(request)
  const asked = parseLiveQuery(queries, request.headers.get('last-event-id') ?? undefined, now())
  const isHead = request.method === 'HEAD'
  const place = streams.take(visitor, now())
  try {
    const opened = await audit.opened()
    const beginning = await findBeginning(opened, asked, now())
    if (isHead) {
      place.leave()
      return new Response(null, { headers })
    }
    const stream = new LiveStream({
      opened,
      beginning,
      limits: liveLimits,
      view,
      isWelcome: () => access.isWelcome(visitor, now()),
      problem: (error) => {
        const { body, isOurs } = problemOf(error)
        if (isOurs) onError?.({ id: body.error.id, error })
        return body
      },
      onEnd: () => place.leave(),
    })
    place.hold(() => stream.end())
    return new Response(stream.body, { headers })
  } catch (error) {
    place.leave()
    throw error
  }
}

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  // Proxies that gather answers would hold events back.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  // Said here, the server does not read ahead to learn the length.
  'transfer-encoding': 'chunked',
  // The end of the stream is the end of the connection: a server that stops waits for none.
  connection: 'close',
} as const
