import type { Store, StoredErasure } from '../store/store.ts'

const rowsPerRead = 1024

/** All erasures of indexes after `after` and before `to`. */
export async function readErasures(
  store: Pick<Store, 'erasures'>,
  log: number,
  after: number,
  to: number,
): Promise<StoredErasure[]> {
  const found: StoredErasure[] = []
  for (let cursor = after; ;) {
    const page = await store.erasures(log, cursor, rowsPerRead)
    const last = page.at(-1)?.index
    if (last === undefined || last >= to || page.length < rowsPerRead)
      return [...found, ...page.filter(({ index }) => index < to)]
    // The page may end within the groups of its last index: that one is read again, unless there is no other.
    const whole = page.filter(({ index }) => index < last)
    found.push(...(whole.length > 0 ? whole : page))
    cursor = whole.at(-1)?.index ?? last
  }
}
