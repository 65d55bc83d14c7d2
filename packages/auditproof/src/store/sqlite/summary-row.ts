/** The columns of `content` that a list shows, as a summary. */
import type { StoredContent } from '../store.ts'

export function summaryOfRow(row: Record<string, unknown>): StoredContent['summary'] {
  const text = (column: string): string | null => row[column] as string | null
  return {
    occurredAt: text('occurred_at'),
    recordedAt: text('recorded_at'),
    action: text('action'),
    outcome: text('outcome'),
    severity: text('severity'),
    actor: text('actor'),
    actorName: text('actor_name'),
    target: text('target'),
    targetName: text('target_name'),
  }
}
