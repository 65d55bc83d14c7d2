/** The feed against the logs: each is told of up to its newest checkpoint, the meta log never. */
import { metaTenant } from '../event/index.ts'
import type { LogHead, Store } from '../store/store.ts'
import { FeedCheck } from '../verify/index.ts'
import type { CheckedLog, StoreProblem } from './checked-store.ts'

const rowsPerRead = 5_000

/** @returns how many rows there are */
export async function checkFeed(
  store: Store,
  before: readonly LogHead[],
  logs: ReadonlyMap<number, CheckedLog>,
  problems: StoreProblem[],
): Promise<number> {
  const feed = new FeedCheck()
  for (let after = 0; ; after = feed.position) {
    const rows = await store.feed(after, rowsPerRead)
    feed.add(rows)
    if (rows.length < rowsPerRead) break
  }
  // Read after the feed, so that it has told of no more than these.
  const now = new Map((await store.heads()).map((head) => [head.log, head]))
  const report = (log: number | undefined, reason: string): void => {
    const checked = log === undefined ? undefined : logs.get(log)
    if (checked !== undefined) checked.check.findings.add('feed', reason)
    else problems.push({ check: 'feed', reason })
  }
  for (const { log, reason } of feed.problems) report(log, reason)
  for (const [log, reached] of feed.reached) {
    const head = now.get(log)
    if (head === undefined) report(undefined, `the feed tells of log ${log}, which is not there`)
    else if (head.tenant === metaTenant) report(log, 'the feed tells of the meta log')
    else if (reached > (head.published?.size ?? 0))
      report(log, `the feed tells of ${reached} entries, ${head.published?.size ?? 0} are under a checkpoint`)
  }
  for (const { log, tenant, published } of before) {
    const reached = feed.reached.get(log) ?? 0
    if (tenant !== metaTenant && reached < (published?.size ?? 0))
      report(log, `the feed tells of ${reached} entries, ${published?.size} are under a checkpoint`)
  }
  return feed.position
}
