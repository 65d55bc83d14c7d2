import type { EventInput } from '../event/event.ts'
import type { RecordIdentity } from './identity.ts'

/** What a record of a source says, as an event; id, tenant, origin and the original are added by `openImport`. */
export interface Mapped {
  action: string
  event: EventInput
  /** The source's own id of the event. */
  sourceId?: string
  /** Which source of its kind, where the record tells. */
  instance?: string
  /** What the id is made of, where that is neither the source's own id nor the whole line. */
  identity?: RecordIdentity
}

/** The record names no time; event times say so instead of pretending that it happened during the import. */
export const noTime = 'not in the source'
