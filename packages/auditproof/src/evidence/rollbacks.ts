/** Older copies of the store that a person accepted, in words: no verification passes over them. */
import { systemTenant, type RolledBackLog } from '../event/index.ts'
import type { CheckedStore } from './checked-store.ts'

const logsMax = 5

/** What `_system` records, then what only the signer knows. */
export function acceptedRollbacks({ options, logs }: Pick<CheckedStore, 'options' | 'logs'>): string[] {
  const system = [...logs.values()].find(({ head }) => head.tenant === systemTenant)
  const recorded = system?.check.rollbacks ?? []
  const known = new Set(recorded.flatMap((one) => one.logs.map(keyOf)))
  return [
    ...recorded.map((one) => `what is gone by a rollback accepted ${one.recordedAt}: ${inWords(one.logs)}`),
    ...(options.acceptedRollbacks ?? []).flatMap(({ acceptedAt, logs: lost }) => {
      const unrecorded = lost.filter((log) => !known.has(keyOf(log)))
      return unrecorded.length === 0
        ? []
        : [
            `what is gone by a rollback accepted ${acceptedAt}, of which _system has no record (auditproof restore --accept-rollback makes it): ${inWords(unrecorded)}`,
          ]
    }),
  ]
}

const keyOf = ({ origin, signedSize, signedRoot, size }: RolledBackLog): string =>
  `${origin} ${signedSize} ${signedRoot} ${size}`

const inWords = (logs: readonly RolledBackLog[]): string =>
  logs.slice(0, logsMax).map(oneInWords).join(', ') +
  (logs.length > logsMax ? ` and ${logs.length - logsMax} more logs` : '')

const oneInWords = ({ tenant, origin, signedSize, size }: RolledBackLog): string =>
  `${tenant === '' ? origin : tenant} had ${signedSize} signed entries and came back with ${size}`
