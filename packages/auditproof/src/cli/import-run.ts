/** A run of an import, from the terminal: progress, room in the queue, the search index, and the event that tells of it. */
import { userInfo } from 'node:os'
import type { Audit } from '../audit.ts'
import { AuditError } from '../errors.ts'
import type { EventInput } from '../event/index.ts'
import {
  runImport,
  type ImportCounts,
  type ImportItem,
  type ImportReport,
  type MalformedRecord,
} from '../import/index.ts'
import type { Interruption } from './interruption.ts'
import type { Io } from './io.ts'
import { openProgress, plural, rateSince, type Progress } from './progress.ts'

export interface ImportRun {
  kind: string
  /** As they may be shown and recorded: an address without its password. */
  sources: readonly string[]
  records: AsyncIterable<ImportItem>
  interruption: Interruption
  /** How a record that cannot be imported is named. */
  nameOf?: (malformed: MalformedRecord) => string
}

export async function importInto(audit: Audit, run: ImportRun, io: Io): Promise<ImportReport> {
  const { kind, sources, records, interruption, nameOf = ({ source, line }) => `${source}:${line}` } = run
  const progress = openProgress(io)
  const began = Date.now()
  let counted: ImportCounts = { read: 0, imported: 0, duplicates: 0, malformed: 0 }
  try {
    const report = await runImport({
      records,
      signal: interruption.signal,
      record: (action, event) => recordWithRoom(audit, action, event),
      onProgress(now) {
        counted = now
        progress.show(
          `importing: ${plural(now.read, 'record')}, ${rateSince(began, now.read, Date.now())}, ${plural(now.duplicates, 'duplicate')}, ${now.malformed} malformed`,
        )
      },
      onMalformed: (malformed) => {
        progress.end()
        io.note(`${nameOf(malformed)}: ${malformed.reason}`, 'yellow')
      },
    })
    if (!report.interrupted) await finishIndex(audit, interruption.signal, progress)
    return report
  } finally {
    progress.end()
    if (counted.imported > 0) await recordRun(audit, { kind, sources, counts: counted })
  }
}

/** What was just imported is what somebody will search. */
async function finishIndex(audit: Audit, signal: AbortSignal, progress: Progress): Promise<void> {
  const { store } = await audit.opened()
  for (let left = 1; left > 0 && !signal.aborted;) {
    left = await store.buildIndex()
    progress.show(`indexing words: ${plural(left, 'event')} left`)
  }
}

/** An import says of itself that it ran; a second one that brings nothing new leaves no trace. */
async function recordRun(
  audit: Audit,
  run: { kind: string; sources: readonly string[]; counts: ImportCounts },
): Promise<void> {
  const { kind, sources, counts } = run
  await audit.system.record('import.run', {
    details: { kind, sources: sources.slice(0, 20), by: userInfo().username, ...counts },
  })
}

const roomAfterMs = 20

/** The queue is bounded in size, and large events fill it before the count of those under way does. */
async function recordWithRoom(audit: Audit, action: string, event: EventInput): Promise<{ duplicate: boolean }> {
  for (;;)
    try {
      const { duplicate } = await audit.record(action, event)
      return { duplicate: duplicate === true }
    } catch (error) {
      if (!(error instanceof AuditError && error.code === 'queue_full')) throw error
      await new Promise((resolve) => setTimeout(resolve, roomAfterMs))
    }
}
