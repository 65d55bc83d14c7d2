/** Times as people read them: in their own zone, which is always printed, or in UTC. All of one zone are equally wide. */

/** @param sortable RFC 3339 UTC without its Z, as summaries have it; to the second */
export function timeText(sortable: string, utc: boolean): string {
  const date = new Date(`${sortable.slice(0, 19)}Z`)
  if (isPrintedAsUtc(utc)) return `${sortable.slice(0, 19).replace('T', ' ')}Z`
  const minutes = Number.isNaN(date.getTime()) ? 0 : -date.getTimezoneOffset()
  const local =
    minutes === 0 ? sortable.slice(0, 19) : new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, 19)
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  const offset = `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
  return local.replace('T', ' ') + offset
}

/** Cells that such a time takes. */
export const timeWidth = (utc: boolean): number => (isPrintedAsUtc(utc) ? 20 : 25)

/**
 * A zone that only at times is that of UTC, such as Europe/London in winter, is printed as `+00:00` then. The zone of a
 * process does not change; asking for it takes a quarter of a millisecond.
 */
const isPrintedAsUtc = (utc: boolean): boolean =>
  utc || (isUtcHere ??= new Intl.DateTimeFormat().resolvedOptions().timeZone === 'UTC')
let isUtcHere: boolean | undefined
