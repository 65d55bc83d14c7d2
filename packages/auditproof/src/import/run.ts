/**
 * The import's story: read, hand over in order, count what came back. It may die anywhere: ids are derived from the
 * source, so the next run meets what is stored already, counts it as a duplicate, and goes on behind it.
 */
import { AuditError } from '../errors.ts'
import type { EventInput } from '../event/event.ts'
import { importLimits } from './limits.ts'
import { NotMapped, type NotMappedCounts } from './not-mapped.ts'
import type { ImportedEvent, ImportItem, MalformedRecord, Place } from './to-item.ts'

/**
 * `read` counts records, blank lines none. When the run has ended it is imported + duplicates + malformed, and less
 * where records hold several events each: those are counted one by one.
 */
export interface ImportCounts {
  read: number
  imported: number
  duplicates: number
  malformed: number
}

export interface ImportReport extends ImportCounts {
  /** How many records had a member that the mapping did not read, by name, most frequent first. */
  notMapped: NotMappedCounts
  /** The signal ended it: the next run goes on where this one stopped. */
  interrupted: boolean
}

export interface RunImportOptions {
  records: AsyncIterable<ImportItem>
  /** Resolved when the event is durable; called in the order of the records. */
  record: (action: string, event: EventInput) => Promise<{ duplicate: boolean }>
  /** Events handed over and not yet durable. */
  concurrency?: number | undefined
  /** Every 1,000 lines, and at the end however it ends. */
  onProgress?: ((counts: ImportCounts) => void) | undefined
  onMalformed?: ((malformed: MalformedRecord) => void) | undefined
  /** Aborted: nothing more is read, what is under way is awaited, and the run resolves with what was done. */
  signal?: AbortSignal | undefined
}

/**
 * Stops at the first event that cannot be stored, when all that was under way has settled, and rejects with that
 * error. An event the store refuses for what it is (its id is there with other content) stops nothing: it is
 * reported as malformed.
 */
export async function runImport(options: RunImportOptions): Promise<ImportReport> {
  const { record, onProgress, onMalformed, signal, concurrency = importLimits.concurrency } = options
  const counts: ImportCounts = { read: 0, imported: 0, duplicates: 0, malformed: 0 }
  const notMapped = new NotMapped()
  let stopped: { error: unknown } | 'interrupted' | undefined
  let underWay = 0
  // Whoever waits, for a record or for room, waits here. One promise each time: racing against one that lives as
  // long as the run would pile up a reaction per record.
  let wake = (): void => {}
  const change = (): Promise<void> => new Promise((resolve) => (wake = resolve))

  const stop = (error: unknown): void => {
    stopped ??= { error }
    wake()
  }
  const abort = (): void => {
    stopped ??= 'interrupted'
    wake()
  }
  const refuse = (malformed: MalformedRecord): void => {
    counts.malformed++
    onMalformed?.(malformed)
  }
  const hand = async ({ source, line }: Place, { action, event }: ImportedEvent): Promise<void> => {
    underWay++
    try {
      const { duplicate } = await record(action, event)
      if (duplicate) counts.duplicates++
      else counts.imported++
    } catch (error) {
      const reason = refusal(error)
      if (reason === undefined) stop(error)
      else refuse({ source, line, reason })
    } finally {
      underWay--
      wake()
    }
  }

  if (signal?.aborted === true) abort()
  signal?.addEventListener('abort', abort, { once: true })
  const records = options.records[Symbol.asyncIterator]()
  let pulled: IteratorResult<ImportItem> | undefined
  const pull = async (): Promise<void> => {
    pulled = await records.next()
    wake()
  }
  let ended = false
  try {
    while (stopped === undefined && !ended) {
      pulled = undefined
      pull().catch(stop)
      // A failure ends the wait also while a slow source has nothing to give.
      while (stopped === undefined && pulled === undefined) await change()
      const next = pulled as IteratorResult<ImportItem> | undefined
      if (stopped !== undefined || next === undefined) break
      ended = next.done === true
      if (next.done === true) break
      counts.read++
      const item = next.value
      if ('malformed' in item) refuse(item.malformed)
      else {
        notMapped.add(item.notMapped)
        for (const event of item.events) hand(item, event).catch(stop)
      }
      while (stopped === undefined && underWay >= concurrency) await change()
      if (counts.read % importLimits.progressEveryLines === 0) onProgress?.({ ...counts })
    }
  } catch (error) {
    stop(error)
  }
  signal?.removeEventListener('abort', abort)
  // Not awaited: a source that is waiting for input would never answer.
  if (!ended) records.return?.()?.catch(() => {})
  while (underWay > 0) await change()
  onProgress?.({ ...counts })
  if (typeof stopped === 'object') throw stopped.error
  return { ...counts, notMapped: notMapped.counts(), interrupted: stopped === 'interrupted' }
}

/** What is wrong with the one event; undefined where the next would fare no better. */
function refusal(error: unknown): string | undefined {
  if (!(error instanceof AuditError)) return undefined
  if (error.code === 'id_conflict') return 'it was imported already with other content'
  return error.code === 'store_rejected' ? `the store refused it: ${error.message}` : undefined
}
