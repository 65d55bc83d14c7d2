/** From what was found to what is said. */
import { metaTenant, systemTenant } from '../event/index.ts'
import { encodeBase64 } from '../log/index.ts'
import { checkNames, worstVerdict } from '../verify/index.ts'
import type { Check, CheckName, LogReport, Verdict, VerifyReport } from '../verify/index.ts'
import { announcementsOf } from './announcements.ts'
import type { CheckedLog, CheckedStore } from './checked-store.ts'
import { acceptedRollbacks } from './rollbacks.ts'

export function reportOf(store: CheckedStore): VerifyReport {
  const reports = [...store.logs.values()].sort((a, b) => a.head.log - b.head.log).map((log) => logReport(log, store))
  return { verdict: verdictOf(store, reports), logs: reports, notChecked: notCheckedOf(store), checks: checksOf(store) }
}

function logReport(log: CheckedLog, store: CheckedStore): LogReport {
  const { head, check } = log
  const { verdict, reason } = judge(log, store)
  const problem = store.problems.find(({ origin }) => origin === head.origin)
  return {
    tenant: head.tenant,
    origin: head.origin,
    size: head.published?.size ?? head.size,
    root: encodeBase64(check.root),
    firstBad: check.findings.firstBad,
    reason: check.findings.first?.reason ?? problem?.reason ?? reason,
    verdict: problem === undefined ? verdict : 'tampered',
  }
}

function judge(
  { head, check, checkpoints }: CheckedLog,
  { options, key }: CheckedStore,
): { verdict: Verdict; reason: string | null } {
  if (check.findings.first !== undefined) return { verdict: 'tampered', reason: null }
  const unknown = (reason: string): { verdict: Verdict; reason: string } => ({ verdict: 'not-checkable', reason })
  if (key === undefined) return unknown('signer not pinned: no key at hand')
  if (head.published === undefined) return unknown('under no checkpoint yet')
  if (checkpoints.unsigned !== undefined) return unknown(`not checked: ${checkpoints.unsigned}`)
  if (options.key === undefined) return unknown('signer not pinned: checked with the key of the store itself')
  if (check.newerVersions > 0) return unknown(`${check.newerVersions} entries were written by a newer version`)
  return { verdict: 'verified', reason: null }
}

/**
 * The worst of the logs. One that began after the newest checkpoint of `_system` lies beyond what is checked, as
 * entries beyond a checkpoint do.
 */
function verdictOf({ options, heads, logs, earlier, problems }: CheckedStore, reports: readonly LogReport[]): Verdict {
  if (problems.length > 0 || reports.some(({ verdict }) => verdict === 'tampered')) return 'tampered'
  const system = heads.find(({ tenant }) => tenant === systemTenant)
  const published = new Set(heads.flatMap((head) => (head.published === undefined ? [] : [head.origin])))
  const begun = new Set(
    announcementsOf(logs).flatMap(({ origin, index }) => (index < (system?.published?.size ?? 0) ? [origin] : [])),
  )
  const counted = reports.filter(({ tenant, origin }) =>
    options.tenant === undefined ? published.has(origin) || begun.has(origin) : tenant === options.tenant,
  )
  const ofEarlier: Verdict[] = earlier.unusable > 0 ? ['not-checkable'] : []
  return worstVerdict([...counted.map(({ verdict }) => verdict), ...ofEarlier])
}

function notCheckedOf({ options, key, heads, logs, meta, earlier }: CheckedStore): string[] {
  const left: string[] = []
  if (options.key === undefined) left.push('signer not pinned')
  left.push(...acceptedRollbacks({ options, logs }))
  left.push(...rollbackNotChecked())
  left.push(...earlier.notChecked)
  const checked = [...logs.values()].sort((a, b) => a.head.log - b.head.log)
  const foreign = checked.filter(({ checkpoints }) => checkpoints.unsigned !== undefined).map(({ head }) => head.tenant)
  if (key !== undefined && foreign.length > 0)
    left.push(`signatures of ${names(foreign)}: the pinned key is that of ${key.name}`)
  const behind = checked.flatMap(({ head: { tenant, size, published } }) =>
    size > (published?.size ?? 0) ? [`${tenant} from index ${published?.size ?? 0}`] : [],
  )
  if (behind.length > 0) left.push(`not under a checkpoint yet: ${names(behind)}`)
  const unindexed = checked.flatMap(({ head: { tenant, size, indexedSize } }) =>
    size > indexedSize ? [`the newest ${size - indexedSize} entries of ${tenant}`] : [],
  )
  if (unindexed.length > 0) left.push(`words in the search index, not built yet: ${names(unindexed)}`)
  if (heads.length === 0) left.push('no event is stored yet')
  return left

  function rollbackNotChecked(): string[] {
    if (options.since === undefined && options.signerStates === undefined) return ['rollback']
    const metaOrigin = heads.find(({ tenant }) => tenant === metaTenant)?.origin
    const metaKnown = Math.max(0, ...(earlier.commitments.get(metaOrigin ?? '') ?? []).map(({ size }) => size))
    const open = [...logs.values()].filter(
      ({ head: { origin } }) =>
        !earlier.commitments.has(origin) && !meta.holds(origin, metaKnown) && origin !== metaOrigin,
    )
    return open.length === 0 ? [] : [`rollback of ${names(open.map(({ head }) => head.tenant))}`]
  }
}

const namesMax = 5
const names = (all: readonly string[]): string =>
  `${all.slice(0, namesMax).join(', ')}${all.length > namesMax ? ` and ${all.length - namesMax} more` : ''}`

function checksOf(store: CheckedStore): Check[] {
  const done = whatWasChecked(store)
  return checkNames.flatMap((name): Check[] => {
    const problems = [
      ...[...store.logs.values()].flatMap(({ head, check }) =>
        check.findings.kept
          .filter((finding) => finding.check === name)
          .map(({ reason }) => `${head.tenant}: ${reason}`),
      ),
      ...store.problems
        .filter(({ check }) => check === name)
        .map(({ tenant, origin, reason }) => [tenant ?? origin, reason].filter(Boolean).join(': ')),
    ]
    if (problems.length > 0) return [{ name, ok: false, detail: problemsText(problems) }]
    return done[name] === undefined ? [] : [{ name, ok: true, detail: done[name] }]
  })
}

const problemsMax = 3
const problemsText = (problems: readonly string[]): string =>
  problems.slice(0, problemsMax).join('; ') + (problems.length > problemsMax ? '; and more' : '')

/** Without what was not looked at. */
function whatWasChecked({ options, logs, meta, earlier, feedRows }: CheckedStore): Partial<Record<CheckName, string>> {
  const checked = [...logs.values()]
  const sum = (of: (log: CheckedLog) => number): number => checked.reduce((total, log) => total + of(log), 0)
  const entries = sum(({ check }) => check.entriesChecked)
  const known = checked.filter(({ head }) =>
    earlier.commitments.get(head.origin)?.some(({ check }) => check === 'signer'),
  ).length
  const signed = sum(({ checkpoints }) => (checkpoints.unsigned === undefined ? checkpoints.count : 0))
  return {
    entries: `${entries} entries, whole and in order`,
    'leaf hashes': `${entries} hashed again`,
    disclosures: `${sum(({ check }) => check.disclosuresChecked)} have their digest in an entry; none is missing without a record`,
    'search columns': `those of ${entries} entries derived again`,
    'search index': `${sum(({ check }) => check.index?.keysChecked ?? 0)} keys of ${sum(({ check }) => check.index?.entriesChecked ?? 0)} entries derived again`,
    erasures: `${sum(({ check }) => check.erasuresChecked)} groups erased, each by a recorded event`,
    tiles: `${sum(({ check }) => check.tilesChecked)} full tiles computed again`,
    heads: `sizes and roots of ${checked.length} logs`,
    ...(signed > 0 && {
      checkpoints: `${signed} signed${options.key === undefined ? " by the store's own key, which nobody pinned" : ' by the pinned key'}`,
    }),
    'meta log': `${meta.count} checkpoints agree with the logs they are of`,
    feed: `${feedRows} rows, without a gap`,
    tenants: `${checked.length} logs announced in _system`,
    ...(earlier.signed > 0 && { 'earlier checkpoints': `${earlier.signed} extended` }),
    ...(options.signerStates !== undefined && {
      signer: `${known} logs are what was signed last, or extend it`,
    }),
  }
}
