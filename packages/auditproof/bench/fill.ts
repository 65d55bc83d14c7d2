/**
 * A large store in minutes instead of an hour: the rows that lists read, and the search index, are those that recording
 * writes, and of the same sizes; entries and disclosures are filler, and nothing is hashed or signed. Good for measuring
 * how lists read, for nothing else: `verify` calls it tampered with.
 */
import {
  groupValues,
  laterSearchKeys,
  microseconds,
  searchKeys,
  summaryOf,
  takeSubmission,
} from '../src/event/index.ts'
import type { EventInput } from '../src/index.ts'
import { leafWidth } from '../src/store/offsets.ts'
import { IndexBuilder } from '../src/store/sqlite/build-index.ts'
import { ContentRows } from '../src/store/sqlite/content-rows.ts'
import { openForWriting } from '../src/store/sqlite/open.ts'
import { positionOf } from '../src/store/sqlite/place.ts'
import { PostingRows } from '../src/store/sqlite/postings.ts'

export interface Fill {
  path: string
  tenant: string
  size: number
  action: (n: number) => string
  event: (n: number) => EventInput
}

/** As large as they are in docs/performance.md. */
export const entryBytes = 505
export const disclosureChars = [180, 140, 160, 100, 200]

const log = 1

/** Goes on where it stopped. */
export function fill({ path, tenant, size, action, event }: Fill): void {
  const db = openForWriting(path, { name: 'bench.example', createdAt: '2026-01-01T00:00:00Z' })
  db.exec('PRAGMA synchronous = OFF; PRAGMA secure_delete = OFF; PRAGMA temp_store = MEMORY')
  const found = db.prepare('SELECT size FROM head WHERE log = ?').get(log) as { size: number } | undefined
  if (found === undefined) {
    db.prepare("INSERT INTO log (log, tenant, origin, created_at) VALUES (?, ?, 'bench.example/1', '')").run(
      log,
      tenant,
    )
    db.prepare("INSERT INTO head (log, size, root, recorded_at) VALUES (?, 0, x'00', '')").run(log)
  }
  const insertEntry = db.prepare('INSERT INTO entry (position, id, entry, leaf_hash) VALUES (?, ?, ?, ?)')
  const updateHead = db.prepare('UPDATE head SET size = ?, indexed = ? WHERE log = ?')
  const [content, postings, builder] = [new ContentRows(db), new PostingRows(db), new IndexBuilder(db)]
  const [entry, hash] = [new Uint8Array(entryBytes), new Uint8Array(32)]
  const disclosures = disclosureChars.map((count) => 'd'.repeat(count))
  const began = Date.now()
  for (let from = found?.size ?? 0; from < size; from += leafWidth) {
    const to = Math.min(size, from + leafWidth)
    db.exec('BEGIN IMMEDIATE')
    const gathered = postings.of(log)
    for (let n = from; n < to; n++) {
      const submission = submissionOf(action(n), event(n), n)
      const clear = { ...submission, recordedAt: submission.occurredAt }
      const values = groupValues(submission)
      const summary = summaryOf(clear, values)
      insertEntry.run(positionOf(log, n), `e-${n}`, entry, hash)
      content.insert(positionOf(log, n), summary, disclosures)
      const keys = [...searchKeys(clear, values), ...laterSearchKeys(clear, values)]
      gathered.addEntry(n, keys, microseconds(summary.occurredAt))
    }
    gathered.write()
    updateHead.run(to, to, log)
    if (to - from === leafWidth) builder.endLeaf(log, from / leafWidth)
    while (builder.build() > 0);
    db.exec('COMMIT')
    if (to % (64 * leafWidth) === 0)
      process.stderr.write(`${to} of ${size} events, ${Math.round((Date.now() - began) / 1_000)} s\n`)
  }
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
}

export const submissionOf = (action: string, event: EventInput, n: number): ReturnType<typeof takeSubmission> =>
  takeSubmission(action, event, {
    now: '2026-01-01T00:00:00Z',
    newId: () => `e-${n}`,
    deriveId: () => `e-${n}`,
    producer: () => ({ id: 'bench', boot: '0123456789abcdef', n }),
    defaultTenant: 'acme',
    origin: { kind: 'direct' },
    trusted: true,
  })
