/** Rows of the search index where none can be: of no log, beyond its end, of the meta log. */
import { metaTenant } from '../event/index.ts'
import { leafWidth, nodeWidth } from '../store/offsets.ts'
import type { IndexPlace } from '../store/search.ts'
import type { LogHead, Store } from '../store/store.ts'
import type { CheckedLog, StoreProblem } from './checked-store.ts'

const placesPerRead = 1_000

/** After the logs were checked: what their indexes hold beyond what was looked at must be explained by what they are now. */
export async function checkIndexPlaces(
  store: Store,
  logs: ReadonlyMap<number, CheckedLog>,
  problems: StoreProblem[],
): Promise<void> {
  const places: IndexPlace[] = []
  // Only what lies beyond the heads as they are before; of those few the heads afterwards decide.
  const before = new Map((await store.heads()).map((head) => [head.log, head]))
  for (let after: IndexPlace | undefined; ;) {
    const page = await store.indexPlaces(after, placesPerRead)
    places.push(
      ...page.filter((place) => !isPlace(place, before.get(place.log))).slice(0, placesPerRead - places.length),
    )
    after = page.at(-1)
    if (page.length < placesPerRead) break
  }
  const now = new Map((await store.heads()).map((head) => [head.log, head]))
  for (const [log, { check }] of logs) check.index?.finish(now.get(log) ?? { size: 0, indexedSize: 0 })
  for (const place of places) {
    const head = now.get(place.log)
    if (isPlace(place, head)) continue
    const reason = `node ${place.level}/${place.n} of the search index belongs to no entries`
    const findings = logs.get(place.log)?.check.findings
    if (findings !== undefined) findings.inIndex(reason)
    else problems.push({ check: 'search index', reason, ...(head && { tenant: head.tenant, origin: head.origin }) })
  }
}

function isPlace({ level, n }: IndexPlace, head: LogHead | undefined): boolean {
  if (head === undefined || head.tenant === metaTenant || level < 0 || !(n >= 0) || !Number.isInteger(n)) return false
  if (level === 0) return n * leafWidth < head.size
  return (n + 1) * leafWidth * nodeWidth ** level <= head.indexedSize
}
