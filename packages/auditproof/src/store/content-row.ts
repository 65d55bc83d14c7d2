/** A row of `content`, as every driver stores it. */
import type { StoredSummary } from './search.ts'

/** The columns that a list shows. */
export function summaryOfRow(row: Record<string, unknown>): StoredSummary {
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

/** Disclosures stand in one column, joined by "~". */
export const splitDisclosures = (text: string): string[] => (text === '' ? [] : text.split('~'))
