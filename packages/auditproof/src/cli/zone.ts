/** Times as people read them: in their own zone, which is always printed, or in UTC. */

/** @param sortable RFC 3339 UTC without its Z, as summaries have it; to the second */
export function timeText(sortable: string, utc: boolean): string {
  const date = new Date(`${sortable.slice(0, 19)}Z`)
  if (utc || Number.isNaN(date.getTime())) return `${sortable.slice(0, 19).replace('T', ' ')}Z`
  const minutes = -date.getTimezoneOffset()
  if (minutes === 0) return `${sortable.slice(0, 19).replace('T', ' ')}Z`
  const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, 19).replace('T', ' ')
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return `${local}${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
}

/** Cells that such a time takes. */
export const timeWidth = (utc: boolean): number => (utc || new Date().getTimezoneOffset() === 0 ? 20 : 25)
