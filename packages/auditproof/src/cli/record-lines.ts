/**
 * A stream of events, one JSON object a line, recorded as it comes: acks in the order of the lines, each when its
 * event is durable. What is under way is bounded in events and bytes, so a fast writer waits for a slow disk.
 */
import { AuditError } from '../errors.ts'
import type { EventInput } from '../event/index.ts'
import type { RawRecord, MalformedLine } from '../import/records.ts'
import type { Ack } from '../recorder/ack.ts'

/** Limits, with their units. */
export const recordLimits = {
  /** Events handed over whose acks are not printed yet. */
  underWayEvents: 1_024,
  /** Their lines, bytes. */
  underWayBytes: 8_388_608,
} as const

export interface RecordLinesOptions {
  lines: AsyncIterable<RawRecord | MalformedLine>
  record: (action: string, event: EventInput) => Promise<Ack>
  /** Awaited before the next. */
  onAck: (ack: Ack) => Promise<void>
  /** A line that holds no event, or one that the store refuses for what it is. */
  onRefused: (line: number, reason: string) => void
}

export interface RecordCounts {
  recorded: number
  duplicates: number
  refused: number
}

interface Handed {
  line: number
  bytes: number
  ack: Promise<Ack>
}

/** @throws AuditError when an event could not be stored, and nothing more is read; the message names its line */
export async function recordLines({ lines, record, onAck, onRefused }: RecordLinesOptions): Promise<RecordCounts> {
  const counts: RecordCounts = { recorded: 0, duplicates: 0, refused: 0 }
  const underWay = { events: 0, bytes: 0 }
  let failed: { error: unknown; line: number } | undefined
  let wake = (): void => {}
  const change = (): Promise<void> => new Promise((resolve) => (wake = resolve))

  const refuse = (line: number, reason: string): void => {
    counts.refused++
    onRefused(line, reason)
  }
  const settle = async ({ line, bytes, ack }: Handed): Promise<void> => {
    try {
      const stored = await ack
      await onAck(stored)
      if (stored.duplicate === true) counts.duplicates++
      else counts.recorded++
    } catch (error) {
      const reason = refusal(error)
      if (reason === undefined) failed ??= { error, line }
      else refuse(line, reason)
    }
    underWay.events--
    underWay.bytes -= bytes
    wake()
  }

  // Settled one after the other, while more is read: an ack must not wait for the next line.
  let settled = Promise.resolve()
  const iterator = lines[Symbol.asyncIterator]()
  let pulled: IteratorResult<RawRecord | MalformedLine> | undefined
  const pull = async (): Promise<void> => {
    pulled = await iterator.next()
    wake()
  }
  const stop = (error: unknown): void => {
    failed ??= { error, line: 0 }
    wake()
  }
  let ended = false
  while (failed === undefined && !ended) {
    pulled = undefined
    pull().catch(stop)
    // A failure ends the wait also while a slow source has nothing to give.
    while (failed === undefined && pulled === undefined) await change()
    if (failed !== undefined || pulled === undefined) break
    const { done, value }: IteratorResult<RawRecord | MalformedLine> = pulled
    ended = done === true
    if (done === true) break
    const event = 'reason' in value ? value.reason : eventOf(value)
    if (typeof event === 'string') refuse(value.number, event)
    else if (!('reason' in value)) {
      const handed = { line: value.number, bytes: value.bytes.length, ack: record(event.action, event.event) }
      handed.ack.catch(() => {}) // told when its turn comes
      underWay.events++
      underWay.bytes += handed.bytes
      settled = settled.then(() => settle(handed))
    }
    while (
      failed === undefined &&
      (underWay.events >= recordLimits.underWayEvents || underWay.bytes >= recordLimits.underWayBytes)
    )
      await change()
  }
  await settled
  if (failed !== undefined) throw withPlace(failed, counts)
  return counts
}

function eventOf({ value }: RawRecord): { action: string; event: EventInput } | string {
  const { action, ...event } = value
  if (typeof action !== 'string' || action === '') return 'it is no event: it has no member "action"'
  return { action, event }
}

/** What is wrong with the one event; undefined where the next would fare no better. */
function refusal(error: unknown): string | undefined {
  if (!(error instanceof AuditError)) return undefined
  return ['id_conflict', 'store_rejected', 'tenant_required'].includes(error.code) ? error.message : undefined
}

function withPlace({ error, line }: { error: unknown; line: number }, { recorded, duplicates }: RecordCounts): unknown {
  if (!(error instanceof AuditError) || line === 0) return error
  return new AuditError(error.code, `Line ${line} was not recorded: ${error.message}`, {
    hint: `${recorded + duplicates} events before it are stored; ${error.hint ?? `mend this and go on with line ${line}`}`,
    cause: error,
  })
}
