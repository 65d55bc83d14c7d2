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

/** The source's own id of the event, where it has none the raw line, and where it gave the id to several events both. */
export type RecordIdentity = { sourceId: string; line?: Uint8Array } | { line: Uint8Array }

/** UUIDv8 of HMAC-SHA-256(key, kind ‖ instance ‖ 'id' ‖ source id), or … ‖ 'line' ‖ raw line, or … ‖ 'shared' ‖ both. */
export function importedId(key: Uint8Array, source: SourceIdentity, record: RecordIdentity): string {
  const hmac = createHmac('sha256', key)
  const parts = [source.kind, source.instance, ...partsOf(record)]
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part
    // Each part after its length: ('ab', 'c') and ('a', 'bc') must not meet.
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    hmac.update(length).update(bytes)
  }
  return uuidv8(hmac.digest())
}

function partsOf(record: RecordIdentity): (string | Uint8Array)[] {
  if (!('sourceId' in record)) return ['line', record.line]
  return record.line === undefined ? ['id', record.sourceId] : ['shared', record.sourceId, record.line]
}
