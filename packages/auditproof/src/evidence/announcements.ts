/** Whose log is whose: each log but the meta log is announced once in `_system`, with its tenant and its origin. */
import { metaTenant, systemTenant } from '../event/index.ts'
import type { LogHead } from '../store/store.ts'
import type { Announcement } from '../verify/index.ts'
import type { CheckedLog, StoreProblem } from './checked-store.ts'

export function checkAnnouncements(
  heads: readonly LogHead[],
  logs: ReadonlyMap<number, CheckedLog>,
  problems: StoreProblem[],
): void {
  const announcements = announcementsOf(logs)
  const origins = new Set(heads.map(({ origin }) => origin))
  const byOrigin = new Map<string, Announcement>()
  for (const announcement of announcements) {
    const { tenant, origin } = announcement
    if (byOrigin.has(origin)) problems.push({ check: 'tenants', reason: `the log is announced twice`, tenant, origin })
    byOrigin.set(origin, announcement)
    if (!origins.has(origin))
      problems.push({ check: 'tenants', reason: 'the log is announced in _system, and is gone', tenant, origin })
  }
  for (const { tenant, origin } of heads) {
    if (tenant === metaTenant) continue
    const announced = byOrigin.get(origin)
    if (announced === undefined)
      problems.push({ check: 'tenants', reason: 'the log is announced nowhere in _system', tenant, origin })
    else if (announced.tenant !== tenant)
      problems.push({
        check: 'tenants',
        reason: `the log was announced as that of tenant ${JSON.stringify(announced.tenant)}`,
        tenant,
        origin,
      })
  }
}

export const announcementsOf = (logs: ReadonlyMap<number, CheckedLog>): readonly Announcement[] =>
  [...logs.values()].find(({ head }) => head.tenant === systemTenant)?.check.announcements ?? []
