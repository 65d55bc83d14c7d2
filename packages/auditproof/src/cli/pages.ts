/** Pages of a list, one after the other, in the order in which they are shown. */
import { listLimits, type ListRequest } from '../reader/index.ts'

export interface Page<T> {
  items: T[]
  next?: string
  unindexed?: number
}

/**
 * Of the newest `wanted`, the newest last, unless newest first was asked for. What is limited is read from its end and
 * held; all of it is read in the order in which it is shown.
 */
export async function* inOrder<T>(
  wanted: number,
  request: ListRequest,
  read: (request: ListRequest) => Promise<Page<T>>,
): AsyncGenerator<Page<T> & { more: boolean }> {
  if (request.descending === true || wanted === Number.POSITIVE_INFINITY) {
    yield* pagesOf(wanted, request, read)
    return
  }
  const held: T[] = []
  let last: (Page<T> & { more: boolean }) | undefined
  for await (const page of pagesOf(wanted, { ...request, descending: true }, read)) {
    held.push(...page.items)
    last = page
  }
  if (last !== undefined) yield { ...last, items: held.toReversed() }
}

/** Pages until there are enough, or no more. `more`: there may be others behind the last. */
async function* pagesOf<T>(
  wanted: number,
  request: ListRequest,
  read: (request: ListRequest) => Promise<Page<T>>,
): AsyncGenerator<Page<T> & { more: boolean }> {
  let cursor: string | undefined
  for (let left = wanted; left > 0;) {
    const page = await read({ ...request, limit: Math.min(left, listLimits.pageEventsMax), cursor })
    left -= page.items.length
    yield { ...page, more: page.next !== undefined && left <= 0 }
    if (page.next === undefined) return
    cursor = page.next
  }
}
