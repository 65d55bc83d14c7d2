/** Tables read through the import, without a store: what its events would be. */
import { takeSubmission, type TakenSubmission } from '../../src/event/index.ts'
import {
  openTableImport,
  type Reconciliation,
  type SourceTable,
  type TableImportOptions,
} from '../../src/import/index.ts'

export interface Read {
  events: TakenSubmission[]
  malformed: string[]
  reconciliation: Reconciliation | undefined
}

const importKey = new Uint8Array(32).fill(7)

/** Closes the table. */
export async function readTable(
  table: SourceTable,
  options: Omit<TableImportOptions, 'table' | 'importKey'>,
): Promise<Read> {
  const { records, reconciliation } = openTableImport({ table, importKey, ...options })
  const events: TakenSubmission[] = []
  const malformed: string[] = []
  try {
    for await (const item of records)
      if ('malformed' in item) malformed.push(item.malformed.reason)
      else for (const { action, event } of item.events) events.push(taken(action, event))
  } finally {
    await table.close()
  }
  return { events, malformed, reconciliation: reconciliation() }
}

const taken = (action: string, event: unknown): TakenSubmission =>
  takeSubmission(action, event, {
    now: '2030-01-01T00:00:00Z',
    newId: () => 'none',
    deriveId: () => 'none',
    producer: () => ({ id: 'test', boot: 'test', n: 0 }),
    defaultTenant: 'default',
    origin: { kind: 'direct' },
    trusted: false,
  })

/** The record that an event keeps as its original. */
export const originalOf = ({ details }: TakenSubmission): unknown => {
  const original = details?.['original']
  return typeof original === 'string' ? (JSON.parse(original) as unknown) : original
}
