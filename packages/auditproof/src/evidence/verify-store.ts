/**
 * The check of a whole store: everything that is stored more than once is derived again from the entries, and the
 * trees they give must be the ones that the pinned key has signed.
 *
 * A store may be written to meanwhile: the heads are read first, all of it is checked up to them, and what lies
 * beyond may only be there if a later look at the head explains it.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { AuditError } from '../errors.ts'
import { metaTenant, systemTenant } from '../event/index.ts'
import { leafWidth, nodeWidth } from '../store/offsets.ts'
import type { LogHead, Store } from '../store/store.ts'
import { LogCheck, parsePinnedKey, type LogClaim, type VerifyReport } from '../verify/index.ts'
import { checkAnnouncements } from './announcements.ts'
import type { CheckedLog, StoreProblem, VerifyStoreOptions } from './checked-store.ts'
import { readCheckpoints, type LogCheckpoints } from './checkpoints.ts'
import { readEarlier, type Earlier } from './earlier.ts'
import { checkFeed } from './feed.ts'
import { checkIndexPlaces } from './index-places.ts'
import { MetaNotes } from './meta-notes.ts'
import { readLog } from './read-log.ts'
import { reportOf } from './store-report.ts'

/**
 * Reads all of the store, in chunks; changes nothing.
 * @throws AuditError `key_malformed`, `note_malformed`, `checkpoint_malformed` for the options; `not_found` for a tenant
 *   that is not there; whatever the store throws when it cannot be read
 */
export async function verifyStore(store: Store, options: VerifyStoreOptions = {}): Promise<VerifyReport> {
  const pinned = options.key ?? options.ownKey
  const key = pinned === undefined ? undefined : parsePinnedKey(pinned)
  const earlier = await readEarlier(options.since ?? [], options.signerStates ?? [], key)
  const heads = await store.heads()
  const inScope = scopeOf(heads, options.tenant)
  const progress = progressOf(inScope, options.onProgress)

  const logs = new Map<number, CheckedLog>()
  const meta = new MetaNotes(heads)
  const problems: StoreProblem[] = []
  // The meta log first: its notes commit the other logs.
  for (const head of inScope.toSorted((a, b) => Number(b.tenant === metaTenant) - Number(a.tenant === metaTenant))) {
    const checkpoints = await readCheckpoints(store, head, key)
    const commitments = [
      ...checkpoints.commitments,
      ...(earlier.commitments.get(head.origin) ?? []),
      ...meta.commitmentsOf(head.origin),
    ]
    const check = new LogCheck(claimOf(head), commitments, head.published?.size ?? head.size)
    logs.set(head.log, { head, check, checkpoints })
    await readLog(store, head, check, async (entries) => {
      if (head.tenant === metaTenant) await meta.add(check.takeMetaNotes(), check.findings, key)
      await progress(entries)
    })
    checkHead(store.name, head, checkpoints, check, await store.headOf(head.tenant))
  }
  meta.finish(logs)
  checkAnnouncements(heads, logs, problems)
  checkOrigins(heads, earlier, logs, problems)
  await checkIndexPlaces(store, logs, problems)
  const feedRows = await checkFeed(store, heads, logs, problems)
  return reportOf({ options, key, heads, logs, meta, earlier, feedRows, problems })
}

/** Every log but the meta log can be searched. */
const claimOf = (head: LogHead): LogClaim =>
  head.tenant === metaTenant ? head : { ...head, index: { ...head, leafWidth, nodeWidth } }

function scopeOf(heads: readonly LogHead[], tenant: string | undefined): LogHead[] {
  if (tenant === undefined) return [...heads]
  if (!heads.some((head) => head.tenant === tenant))
    throw new AuditError('not_found', `There is no tenant ${JSON.stringify(tenant)}.`, {
      hint: 'auditproof checkpoint list names them',
    })
  return heads.filter((head) => head.tenant === tenant || head.tenant === systemTenant || head.tenant === metaTenant)
}

function progressOf(
  heads: readonly LogHead[],
  onProgress: VerifyStoreOptions['onProgress'],
): (entries: number) => Promise<void> {
  const total = heads.reduce((sum, { size }) => sum + size, 0)
  let done = 0
  return async (entries) => {
    done += entries
    onProgress?.(done, total)
    await nextTurn() // a store in memory never waits, and others want their turn
  }
}

/** What the head of a log says, beside size and root. */
function checkHead(
  storeName: string,
  head: LogHead,
  checkpoints: LogCheckpoints,
  { findings }: LogCheck,
  now: LogHead | undefined,
): void {
  const { tenant, origin, published } = head
  const name = tenant === metaTenant ? origin === storeName : origin.startsWith(`${storeName}/`)
  if (!name) findings.add('heads', `its name ${origin} is none of the store ${storeName}`)
  for (const problem of checkpoints.problems) findings.add('checkpoints', problem)
  if (published !== undefined && checkpoints.firstKept === 0)
    findings.add('checkpoints', 'none of its checkpoints is kept; the first one always is')
  if (checkpoints.largestKept > (now?.published?.size ?? 0))
    findings.add(
      'checkpoints',
      `a checkpoint over ${checkpoints.largestKept} entries is kept, the newest covers ${now?.published?.size ?? 0}`,
    )
}

/** Whoever was known before must be there still, also where its log is not read. */
function checkOrigins(
  heads: readonly LogHead[],
  { commitments }: Earlier,
  logs: ReadonlyMap<number, CheckedLog>,
  problems: StoreProblem[],
): void {
  const byOrigin = new Map(heads.map((head) => [head.origin, head]))
  for (const [origin, known] of commitments) {
    const head = byOrigin.get(origin)
    if (head !== undefined && logs.has(head.log)) continue
    for (const { size, check, by } of known)
      if (size > (head?.size ?? 0))
        problems.push({
          check: check as StoreProblem['check'],
          reason: `${by} covers ${size} entries; ${head === undefined ? 'there is no such log' : `the log has ${head.size}`}`,
          origin,
          ...(head !== undefined && { tenant: head.tenant }),
        })
  }
}
