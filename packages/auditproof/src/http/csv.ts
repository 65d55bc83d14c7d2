/** A whole list as a CSV download: no cap on its rows, and never a short file that looks whole. */
import type { Audit } from '../audit.ts'
import { csvHeader, csvRow, listEvents, type EventPage, type ListRequest } from '../reader/index.ts'
import type { Served } from './app.ts'
import { httpLimits } from './limits.ts'
import { orderedNames, parseListQuery, readParameters } from './parameters.ts'
import { problemOf } from './problem.ts'

interface Asked {
  queries: { readonly [name: string]: string[] }
  /** The headers alone. */
  isHead: boolean
  /** Begins with a byte order mark: for files that people open. */
  forExcel: boolean
}

/**
 * What fails before the first byte is an answer like any other. What fails later breaks the connection off, so that the
 * client sees a failed download: a trailer would be seen by none, and a last line by few.
 */
export async function csvAnswer(
  { audit, now, onError }: Pick<Served, 'audit' | 'now' | 'onError'>,
  { queries, isHead, forExcel }: Asked,
): Promise<Response> {
  const at = now()
  const request = { ...parseListQuery(readParameters(queries, orderedNames), at), limit: httpLimits.csvPageEvents }
  const first = await listEvents(await audit.opened(), request)
  const pieces = piecesOf(audit, request, first, forExcel)
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { value, done } = await pieces.next()
          if (done === true) controller.close()
          else controller.enqueue(encoder.encode(value))
        } catch (error) {
          const { body } = problemOf(error)
          onError?.({ id: body.error.id, error })
          controller.error(new Error(`A download was broken off: error ${body.error.id}.`))
        }
      },
      cancel: () => void pieces.return(),
    },
    // Nothing is read before the client takes it.
    { highWaterMark: 0 },
  )
  return new Response(isHead ? null : body, {
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="events-${new Date(at).toISOString().slice(0, 10)}.csv"`,
      // Said here, the server does not read ahead to learn the length.
      'transfer-encoding': 'chunked',
    },
  })
}

async function* piecesOf(
  audit: Audit,
  request: ListRequest,
  first: EventPage,
  forExcel: boolean,
): AsyncGenerator<string, void> {
  yield csvHeader({ forExcel })
  for (let page = first; ;) {
    for (let from = 0; from < page.events.length; from += rowsPerPiece)
      yield page.events
        .slice(from, from + rowsPerPiece)
        .map(csvRow)
        .join('')
    if (page.next === undefined) return
    page = await listEvents(await audit.opened(), { ...request, cursor: page.next })
  }
}

/** A row is rarely more than a few thousand bytes. */
const rowsPerPiece = 20
