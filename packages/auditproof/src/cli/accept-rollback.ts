/** Going on with an older copy: what is gone is named, a person confirms it, and it is kept in two places for good. */
import type { Audit } from '../audit.ts'
import { AuditError } from '../errors.ts'
import { formatRollback, rollbackAction, type RolledBackLog } from '../event/index.ts'
import { sequencerLimits } from '../sequencer/limits.ts'
import { acceptRollback, readAcceptedRollbacks, rolledBackLogs, type AcceptedRollback } from '../sequencer/rollback.ts'
import type { Store } from '../store/store.ts'
import type { Cli } from './cli.ts'
import { confirmByName } from './confirm.ts'
import { verifyCopy } from './copy-check.ts'
import { plural } from './progress.ts'
import { readSignerStates } from './signer-states.ts'
import { openAudit, ownKey, withStore } from './trail.ts'

export async function acceptOlderCopy(confirm: string | undefined, cli: Cli): Promise<void> {
  const { io } = cli
  const places = cli.places()
  const lost = await withStore(places, async (store) => {
    const logs = rolledBackLogs(readSignerStates(places.signerStatePath) ?? [], await store.heads())
    if (logs.length === 0) return logs
    await refuseTampered(store, logs, cli)
    noteRolledBack(logs, cli)
    io.note('Accepting makes the signer sign another history of these logs. Whoever holds a newer checkpoint can show')
    io.note('that there were two, for ever; verify tells of it, for ever. What is missing does not come back.')
    await confirmByName(store.name, confirm, 'auditproof restore --accept-rollback')
    return logs
  })
  if (lost.length > 0) acceptRollback(places.signer, lost, new Date().toISOString())
  // Also what was accepted before and never recorded: somebody may have been interrupted here.
  const recorded = await recordAccepted(readAcceptedRollbacks(places.signerStatePath), cli)
  io.note(
    lost.length > 0
      ? `Accepted for ${plural(lost.length, 'log')}, and recorded in _system. The store can be written to again.`
      : recorded > 0
        ? `Nothing new to accept; ${plural(recorded, 'record')} of an earlier acceptance made in _system.`
        : 'The store has at least what was signed: there is nothing to accept.',
  )
}

export function noteRolledBack(logs: readonly RolledBackLog[], { io }: Cli): void {
  const entries = logs.reduce((sum, { signedSize, size }) => sum + signedSize - size, 0)
  io.note(`This is an older copy: ${plural(entries, 'signed entry is', 'signed entries are')} missing.`, 'red')
  for (const { tenant, origin, signedSize, size } of logs.slice(0, logsShownMax))
    io.note(
      `  ${tenant === '' ? '(log not in the copy)' : `tenant ${tenant}`}: ${size} of ${signedSize} signed entries, ${signedSize - size} missing; log ${origin}`,
    )
  if (logs.length > logsShownMax) io.note(`  … and ${plural(logs.length - logsShownMax, 'more log')}`)
}

const logsShownMax = 20

/** Older is one thing, changed another: nobody can accept that. */
async function refuseTampered(store: Store, lost: readonly RolledBackLog[], { io, places }: Cli): Promise<void> {
  const origins = new Set(lost.map(({ origin }) => origin))
  const others = (readSignerStates(places().signerStatePath) ?? []).filter(({ origin }) => !origins.has(origin))
  const { verdict } = await verifyCopy(store, ownKey(places()), others, io)
  if (verdict === 'tampered')
    throw new AuditError('store_corrupt', 'The store is not only older, it was changed: that cannot be accepted.', {
      hint: 'auditproof verify',
    })
}

async function recordAccepted(accepted: readonly AcceptedRollback[], cli: Cli): Promise<number> {
  const parts = accepted.flatMap(({ id, acceptedAt, logs }) => {
    const { rollbackLogsPerEvent: per } = sequencerLimits
    const count = Math.ceil(logs.length / per)
    return Array.from({ length: count }, (_, i) => ({
      id: `${id}-${i}`,
      acceptedAt,
      logs: logs.slice(i * per, (i + 1) * per),
    }))
  })
  const missing = await withStore(cli.places(), async (store) => {
    const unrecorded: typeof parts = []
    for (const part of parts) if ((await store.find(part.id, '_system')).length === 0) unrecorded.push(part)
    return unrecorded
  })
  if (missing.length === 0) return 0
  const { origin: _origin, ...globals } = cli.globals()
  const audit = await openAudit(cli.places(), globals, cli.io)
  try {
    for (const part of missing) await recordOne(audit, part)
  } finally {
    await audit.close()
  }
  return missing.length
}

const recordOne = (audit: Audit, { id, acceptedAt, logs }: AcceptedRollback): Promise<unknown> =>
  audit.system.record(rollbackAction, {
    id,
    occurredAt: acceptedAt,
    severity: 'critical',
    targets: logs.slice(0, 20).map(({ origin }) => ({ type: 'log', id: origin })),
    details: formatRollback(logs),
  })
