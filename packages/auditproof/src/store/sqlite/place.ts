/** Where an entry stands in the file: `position = log * 2^33 + index`. See schema.sql. */
import { AuditError } from '../../errors.ts'

export const indexesPerLog: number = 2 ** 33
const logsMax = 2 ** 20

export function positionOf(log: number, index: number): number {
  if (log >= logsMax || index >= indexesPerLog)
    throw new AuditError('store_unavailable', `An SQLite store holds ${logsMax} logs of ${indexesPerLog} entries.`, {
      hint: 'use PostgreSQL beyond that',
    })
  return log * indexesPerLog + index
}

export const indexOf = (position: number): number => position % indexesPerLog
