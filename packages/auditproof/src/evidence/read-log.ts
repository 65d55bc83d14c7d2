/** One log of a store, read in chunks and handed to its check. The next chunk is read while one is checked. */
import { tileWidthMax } from '../log/index.ts'
import { storeLimits } from '../store/limits.ts'
import { leafWidth } from '../store/offsets.ts'
import type { LogHead, Store, StoredTile } from '../store/store.ts'
import type { LogCheck, LogChunk } from '../verify/index.ts'
import { readErasures } from './read-erasures.ts'
import { IndexReader } from './read-index.ts'

const chunkEntries = storeLimits.readEntriesMax
const rowsPerRead = 1024

/** Checks the entries up to the size that the head names, and what is stored beyond them. */
export async function readLog(
  store: Store,
  head: LogHead,
  check: LogCheck,
  afterChunk: (entries: number) => Promise<void>,
): Promise<void> {
  const index = check.index && new IndexReader(store, head, check.index)
  let next = readChunk(store, head, 0)
  for (let from = 0; from < head.size;) {
    const chunk = await next
    from = chunk.to
    const endsLeaf = from % leafWidth === 0 || from === head.size
    if (endsLeaf) index?.begin(from)
    if (from < head.size) next = readChunk(store, head, from)
    next.catch(() => {}) // its error is thrown where it is awaited, unless an earlier one was
    check.check(chunk)
    if (endsLeaf) await index?.checkLeaf(from)
    await afterChunk(chunk.to - chunk.from)
    if (chunk.rows.length === 0) break // Nothing is there any more, and the check has said so.
  }
  await index?.checkRest()
  await readRest(store, head, check)
  await confirmSuspects(store, head.log, check)
  check.finish()
}

async function readChunk(store: Store, { log, size }: LogHead, from: number): Promise<LogChunk> {
  const to = Math.min(from + chunkEntries, size)
  const rows = await store.entries(log, from, to)
  // After the entries: content goes together with the row that records it, so whatever is missing has its row by now.
  const erasures = await readErasures(store, log, from === 0 ? Number.MIN_SAFE_INTEGER : from - 1, to)
  const fullTiles = Math.floor(to / tileWidthMax) - Math.floor(from / tileWidthMax)
  const tiles =
    fullTiles === 0 ? [] : await store.storedTiles(log, beforeTile(Math.floor(from / tileWidthMax)), fullTiles)
  return { from, to, rows, erasures, tiles: tiles.filter((tile) => isFilledBy(tile, from, to)) }
}

const isFilledBy = ({ level, n }: StoredTile, from: number, to: number): boolean =>
  level === 0 && n >= Math.floor(from / tileWidthMax) && n < Math.floor(to / tileWidthMax)

const beforeTile = (n: number): { level: number; n: number } => ({ level: 0, n: n - 1 })

async function readRest(store: Store, head: LogHead, check: LogCheck): Promise<void> {
  const { log, size } = head
  const rows = await store.entries(log, size, Number.MAX_SAFE_INTEGER)
  const erasures = await readErasures(store, log, Math.max(size - 1, -1), Number.MAX_SAFE_INTEGER)
  const tiles: StoredTile[] = []
  for (
    let after: { level: number; n: number } | undefined = beforeTile(Math.floor(size / tileWidthMax));
    ;
    after = tiles.at(-1)
  ) {
    const page: StoredTile[] = await store.storedTiles(log, after, rowsPerRead)
    tiles.push(...page)
    if (page.length < rowsPerRead) break
  }
  // Asked last, so that whatever was seen before is within it.
  const sizeNow = (await store.headOf(head.tenant))?.size ?? 0
  check.checkRest({ rows, erasures, tiles, sizeNow })
}

async function confirmSuspects(store: Store, log: number, check: LogCheck): Promise<void> {
  for (const { first, second } of check.suspects) {
    const [one] = await store.entries(log, first, first + 1)
    const [other] = await store.entries(log, second, second + 1)
    if (one !== undefined && one.id === other?.id) check.sameId(first, second)
  }
}
