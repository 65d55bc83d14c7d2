/** Which nodes of the search index anything is stored of, found by steps from one to the next: no row between is read. */
import { leafWidth } from '../offsets.ts'
import type { IndexPlace } from '../search.ts'
import type { All } from './search-rows.ts'
import { indexesPerLog } from './place.ts'

const beforeAll: IndexPlace = { log: -Infinity, level: -Infinity, n: -Infinity }

export function indexPlaces(all: All, after: IndexPlace | undefined, limit: number): IndexPlace[] {
  const places: IndexPlace[] = []
  // Of each table the first place that comes after, until all have none.
  const next = tables.map((table) => table(all, after ?? beforeAll))
  while (places.length < limit) {
    const first = next.filter((place) => place !== undefined).toSorted(comparePlaces)[0]
    if (first === undefined) break
    places.push(first)
    for (const [i, table] of tables.entries())
      if (next[i] !== undefined && comparePlaces(next[i], first) === 0) next[i] = table(all, first)
  }
  return places
}

type NextPlace = (all: All, after: IndexPlace) => IndexPlace | undefined

/** A leaf comes after a place of its log where that is a leaf before it, or of a level before. */
const afterLeaf = ({ level, n }: IndexPlace): number => (level === 0 ? n : level < 0 ? -Infinity : Infinity)

const nextLeaf: NextPlace = (all, after) => {
  const sql = 'SELECT log, 0 AS level, leaf AS n FROM posting WHERE (log, leaf) > (?, ?) ORDER BY log, leaf LIMIT 1'
  return all(sql, after.log, afterLeaf(after))[0] as unknown as IndexPlace | undefined
}

const nextTimes: NextPlace = (all, after) => {
  // Where a leaf does not begin, n is no whole number: such a row belongs to no leaf.
  const sql = `SELECT position >> 33 AS log, 0 AS level, (position & ${indexesPerLog - 1}) / ${leafWidth}.0 AS n
    FROM leaf_times WHERE position > ? ORDER BY position LIMIT 1`
  const offset = Math.min(Math.max(afterLeaf(after) * leafWidth, -1), indexesPerLog - 1)
  return all(sql, after.log * indexesPerLog + offset)[0] as unknown as IndexPlace | undefined
}

const nextOf =
  (table: 'carried' | 'node'): NextPlace =>
  (all, after) => {
    const sql = `SELECT log, level, n FROM ${table} WHERE (log, level, n) > (?, ?, ?) ORDER BY log, level, n LIMIT 1`
    return all(sql, after.log, after.level, after.n)[0] as unknown as IndexPlace | undefined
  }

const tables: readonly NextPlace[] = [nextLeaf, nextTimes, nextOf('carried'), nextOf('node')]

const comparePlaces = (a: IndexPlace, b: IndexPlace): number => a.log - b.log || a.level - b.level || a.n - b.n
