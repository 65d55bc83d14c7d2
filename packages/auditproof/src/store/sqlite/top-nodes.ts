/** The nodes of the search index that lie under no other: where a search begins. */
import type { IndexNode, ListPosition, Selection } from '../search.ts'
import type { All } from './index-lookup.ts'

export interface TopNode extends IndexNode {
  log: number
  level: number
}

/** Of one tenant, all of them: a few for each level. */
export const topNodesOf = (all: All, tenant: string): TopNode[] =>
  all(
    'SELECT log, level, n, earliest, latest FROM node WHERE top = 1 AND log = (SELECT log FROM log WHERE tenant = ?)',
    tenant,
  ) as unknown as TopNode[]

const nodesPerRead = 100

/**
 * Over all tenants, in the order of the list by the end of their range that comes first in it, a hundred at a time: most
 * pages need no more. Those that can hold nothing of what is left of the list are passed over in the index.
 */
export function* topNodesInOrder(
  all: All,
  { since = -Infinity, until = Infinity }: Selection,
  descending: boolean,
  after: ListPosition | undefined,
): Generator<TopNode, void> {
  const [first, last, before] = descending ? ['latest', 'earliest', '<'] : ['earliest', 'latest', '>']
  const direction = descending ? 'DESC' : 'ASC'
  const sql = `SELECT log, level, n, earliest, latest FROM node INDEXED BY node_${first}
    WHERE top = 1 AND (${first}, ${last}, log, level, n) ${before} (?, ?, ?, ?, ?)
      AND latest >= ? AND earliest < ? AND ${last} ${before}= ?
    ORDER BY ${first} ${direction}, ${last} ${direction}, log ${direction}, level ${direction}, n ${direction} LIMIT ?`
  const end = descending ? Infinity : -Infinity
  let place: [number, number, number, number, number] = [end, end, 0, 0, 0]
  for (;;) {
    const nodes = all(sql, ...place, since, until, after?.at ?? end, nodesPerRead) as unknown as TopNode[]
    yield* nodes
    const reached = nodes.at(-1)
    if (nodes.length < nodesPerRead || reached === undefined) return
    const { earliest, latest, log, level, n } = reached
    place = descending ? [latest, earliest, log, level, n] : [earliest, latest, log, level, n]
  }
}
