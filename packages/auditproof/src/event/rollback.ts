/**
 * How `_system` records that a person accepted an older copy of the store: the details of a `store.rollback-accepted`
 * event are `{ logs: [{ tenant, origin, signedSize, signedRoot, size, root }] }`, roots in base64. `verify` tells of it
 * for ever: between the two sizes a history was signed that is gone.
 */
import type { Json, JsonObject } from './json.ts'

export const rollbackAction = 'store.rollback-accepted'

export interface RolledBackLog {
  tenant: string
  origin: string
  /** What had been signed. */
  signedSize: number
  signedRoot: string
  /** What came back, and signing goes on from; 0 where the log did not come back at all. */
  size: number
  root: string
}

export const formatRollback = (logs: readonly RolledBackLog[]): JsonObject => ({
  logs: logs.map((log) => ({ ...log })),
})

/** What the details of a `store.rollback-accepted` event name; undefined where they have another form. */
export function parseRollback(details: Json | undefined): RolledBackLog[] | undefined {
  const logs = isObject(details) ? details['logs'] : undefined
  if (!Array.isArray(logs)) return undefined
  const parsed: RolledBackLog[] = []
  for (const log of logs) {
    const { tenant, origin, signedSize, signedRoot, size, root } = isObject(log) ? log : {}
    if (typeof tenant !== 'string' || typeof origin !== 'string') return undefined
    if (typeof signedRoot !== 'string' || typeof root !== 'string') return undefined
    if (!Number.isSafeInteger(signedSize) || !Number.isSafeInteger(size)) return undefined
    parsed.push({ tenant, origin, signedSize: signedSize as number, signedRoot, size: size as number, root })
  }
  return parsed
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
