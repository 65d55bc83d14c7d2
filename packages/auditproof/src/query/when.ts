/** Points in time as people write them: `-7d`, `yesterday`, `2026-03-01`, `2026-03-01T10:00Z`. */
import { AuditError } from '../errors.ts'
import { formatTime, parseTime } from '../event/index.ts'

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const
const dayMs = unitMs.d

/**
 * RFC 3339 UTC. Days begin at midnight UTC; `7d` and `-7d` are both seven days ago.
 * @param now milliseconds since 1970
 * @throws AuditError `usage`
 */
export function parseWhen(text: string, now: number): string {
  const time = timeOf(text.trim(), now)
  if (time === undefined)
    throw new AuditError('usage', `${JSON.stringify(text)} is no time that is understood.`, {
      hint: 'write 2026-03-01, 2026-03-01T10:00Z, 7d (seven days ago), 12h, now, today or yesterday',
    })
  return time
}

function timeOf(text: string, now: number): string | undefined {
  const midnight = Math.floor(now / dayMs) * dayMs
  if (text === 'now') return formatTime(now)
  if (text === 'today') return formatTime(midnight)
  if (text === 'yesterday') return formatTime(midnight - dayMs)
  const ago = /^-?(\d{1,9})([smhdw])$/.exec(text)
  if (ago !== null) return formatTime(now - Number(ago[1]) * unitMs[ago[2] as keyof typeof unitMs])
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return parseTime(`${text}T00:00:00Z`)
  return parseTime(text.replace(/^(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d)(?=[Zz+-])/, '$1:00'))
}
