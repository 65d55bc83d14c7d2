/**
 * Ids of imported events: the same event of the same source has the same id in every run, so an import can be
 * repeated and resumed. Keyed, so that nobody can tell from an id which record of a known source it is.
 */
import { createHmac } from 'node:crypto'
import { uuidv8 } from '../event/id.ts'

/** Which source: its kind, and which one of that kind (a repository, an account). */
export interface SourceIdentity {
  kind: string
  instance: string
}

/** The source's own id of the event, or where it has none the raw line. */
export type RecordIdentity = { sourceId: string } | { line: Uint8Array }

/** UUIDv8 of HMAC-SHA-256(key, kind ‖ instance ‖ 'id' ‖ source id), or … ‖ 'line' ‖ raw line. */
export function importedId(key: Uint8Array, source: SourceIdentity, record: RecordIdentity): string {
  const hmac = createHmac('sha256', key)
  const parts =
    'sourceId' in record
      ? [source.kind, source.instance, 'id', record.sourceId]
      : [source.kind, source.instance, 'line', record.line]
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part
    // Each part after its length: ('ab', 'c') and ('a', 'bc') must not meet.
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    hmac.update(length).update(bytes)
  }
  return uuidv8(hmac.digest())
}
