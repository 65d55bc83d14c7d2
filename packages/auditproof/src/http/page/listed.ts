/** What a page of the list shows, from what stands in its address. */
import { AuditError } from '../../errors.ts'
import type { Opened } from '../../closing.ts'
import { filterNames, listRows, parseFilter, survey } from '../../reader/index.ts'
import { filtersIn, parseListQuery, readParameters } from '../parameters.ts'
import type { ListPageOptions } from './list-page.ts'

type Listed = Pick<ListPageOptions, 'filter' | 'page' | 'survey' | 'first' | 'liveCursor' | 'problem'>

/** `n`: which one the first row is, so that older pages can say so. Nobody else needs to believe it. */
const names = [...filterNames, 'cursor', 'limit', 'n']

/** A search that makes no sense is told above the list, with what was typed still in the form. */
export async function listFor(
  opened: Opened,
  queries: { readonly [name: string]: string[] },
  now: number,
): Promise<Listed> {
  try {
    const { n, ...given } = readParameters(queries, names)
    const request = parseListQuery(given, now)
    const { filter } = request
    const isFirst = request.cursor === undefined
    // Before the list is read: what comes in between is in both, and is shown once.
    const liveCursor = isFirst ? await opened.followers.end(filter) : undefined
    const page = await listRows(opened, request)
    const counted = page.rows.length === 0 ? undefined : await survey(opened.store, { filter, now })
    return { filter, page, survey: counted, first: isFirst ? 1 : firstOf(n), liveCursor }
  } catch (error) {
    if (!(error instanceof AuditError && (error.code === 'usage' || error.code === 'cursor_ahead'))) throw error
    const { message, hint, place } = error
    const filter = { query: { terms: [] } }
    const problem = { message, hint, place: isOfSearchBox(queries, now) ? place : undefined }
    return { filter, page: { rows: [] }, survey: undefined, first: 1, liveCursor: undefined, problem }
  }
}

const firstOf = (n: string | undefined): number => (n !== undefined && /^[1-9]\d{0,8}$/.test(n) ? Number(n) : 2)

/** Other parameters are read by the same grammar: a place in one of them is none in the search box. */
function isOfSearchBox({ q }: { readonly [name: string]: string[] }, now: number): boolean {
  try {
    parseFilter(filtersIn({ q: q?.[0] ?? '' }), now)
    return false
  } catch {
    return true
  }
}
