/**
 * One log, entry by entry: fed with what is stored, in the order of index, it derives every copy again.
 *
 *     check(…) ‥ check(…) · checkRest(…) · finish()
 *
 * Memory is bounded: what grows with the log is a fingerprint an id, one hash in 256, and its erasures.
 */
import { AuditError } from '../errors.ts'
import {
  eraseAction,
  metaTenant,
  parseErased,
  parseRollback,
  rollbackAction,
  sortableTime,
  systemTenant,
} from '../event/index.ts'
import type { Entry, GroupValues, RolledBackLog } from '../event/index.ts'
import { leafHash, parseCheckpoint, parseNote, sameHash, tileWidthMax, type Hash } from '../log/index.ts'
import { ErasureCheck } from './erasure-check.ts'
import { Findings } from './findings.ts'
import { IdSet } from './id-set.ts'
import { IndexCheck } from './index-check.ts'
import { checkRow, recordActions } from './row-check.ts'
import type { EntryRow, ErasureRow, LogClaim, TileRow } from './rows.ts'
import { TreeCheck, type Commitment } from './tree-check.ts'

/** What is stored about the entries [from, to); the erasures are read after the rows, the tiles are those it fills. */
export interface LogChunk {
  readonly from: number
  readonly to: number
  readonly rows: readonly EntryRow[]
  readonly erasures: readonly ErasureRow[]
  readonly tiles: readonly TileRow[]
}

/** What is stored beyond the entries that were checked. */
export interface LogRest {
  readonly rows: readonly EntryRow[]
  readonly erasures: readonly ErasureRow[]
  readonly tiles: readonly TileRow[]
  /** Size of the log now: more than was checked, if it is being written to. */
  readonly sizeNow: number
}

/** The record, in `_system`, that a log began. */
export interface Announcement {
  readonly index: number
  readonly tenant: string
  readonly origin: string
}

/** The record, in `_system`, that a person accepted an older copy of the store. */
export interface RollbackRecord {
  readonly recordedAt: string
  readonly logs: readonly RolledBackLog[]
}

/** An entry of the meta log. */
export interface MetaNote {
  readonly index: number
  readonly origin: string
  readonly size: number
  readonly root: Hash
  readonly note: string
}

export class LogCheck {
  readonly claim: LogClaim
  readonly findings: Findings = new Findings()
  /** Undefined where the log has no search index. Its leaves are compared by whoever reads them. */
  readonly index: IndexCheck | undefined
  /** In `_system` only. */
  readonly announcements: Announcement[] = []
  /** In `_system` only. */
  readonly rollbacks: RollbackRecord[] = []
  /** In `_meta` only; handed over and forgotten by `takeMetaNotes`. */
  #metaNotes: MetaNote[] = []
  readonly #tree: TreeCheck
  readonly #erasures: ErasureCheck
  readonly #ids = new IdSet()
  #next = 0
  /** The first entry that is missing, and whether any is there behind it. */
  #gap: { index: number; behind: boolean } | undefined
  #disclosures = 0
  #newerVersions = 0
  #recordedAt = ''
  #newestTime = ''
  #sizeNow = 0

  /** @param reportSize the size at which the root is to be reported */
  constructor(claim: LogClaim, commitments: readonly Commitment[], reportSize: number) {
    this.claim = claim
    this.#tree = new TreeCheck(commitments, reportSize, this.findings)
    this.#erasures = new ErasureCheck(claim.size, this.findings)
    this.index = claim.index && new IndexCheck(claim.index, this.findings)
  }

  get disclosuresChecked(): number {
    return this.#disclosures
  }

  get entriesChecked(): number {
    return this.#next
  }

  get tilesChecked(): number {
    return this.#tree.tilesChecked
  }

  get erasuresChecked(): number {
    return this.#erasures.count
  }

  /** Entries of a version that this auditproof does not know: under the tree, but not readable here. */
  get newerVersions(): number {
    return this.#newerVersions
  }

  /** Up to here the tree met every commitment. */
  get goodSize(): number {
    return this.#tree.goodSize
  }

  /** As the entries give it, at the size to be reported. */
  get root(): Hash {
    return this.#tree.remembered ?? this.#tree.root
  }

  /** Indexes whose ids may be the same; the caller reads them again and reports with `sameId`. */
  get suspects(): readonly { first: number; second: number }[] {
    return this.#ids.suspects
  }

  takeMetaNotes(): MetaNote[] {
    const notes = this.#metaNotes
    this.#metaNotes = []
    return notes
  }

  check({ from, to, rows, erasures, tiles }: LogChunk): void {
    this.#erasures.expect(erasures)
    for (const tile of tiles) this.#tree.expectTile(tile)
    const isMeta = this.claim.tenant === metaTenant
    const leafHashes: Hash[] = []
    let expected = from
    for (const row of rows) {
      if (row.index !== expected) this.#gap ??= { index: expected, behind: true }
      if (this.#gap !== undefined) this.#gap.behind = true
      const hash = isMeta ? this.#checkNote(row) : this.#checkEvent(row)
      if (this.#gap === undefined) leafHashes.push(hash) // Behind a gap there is no tree.
      expected = row.index + 1
    }
    if (expected < to) this.#gap ??= { index: expected, behind: false }
    this.#tree.append(leafHashes)
    this.#next = to
  }

  /** What lies beyond the entries may only be there if the log has grown meanwhile. */
  checkRest({ rows, erasures, tiles, sizeNow }: LogRest): void {
    this.#sizeNow = sizeNow
    for (const { index } of rows)
      if (index >= sizeNow) this.findings.at(index, 'entries', `it lies beyond the ${sizeNow} entries of the log`)
    for (const { index, group } of erasures)
      if (index >= sizeNow)
        this.findings.at(index, 'erasures', `its ${group} is marked as erased, and the log has no such entry`)
    if (this.#erasures.lastBy >= Math.max(sizeNow, this.claim.size))
      this.findings.add('erasures', `an erasure is recorded by event ${this.#erasures.lastBy}, which the log has not`)
    for (const tile of tiles) {
      if (this.#gap !== undefined || this.#tree.checkUpperTile(tile)) continue
      const fits = tile.level >= 0 && (tile.n + 1) * tileWidthMax ** (tile.level + 1) <= sizeNow
      const isNew = (tile.n + 1) * tileWidthMax ** (tile.level + 1) > this.claim.size
      if (!fits || !isNew) this.findings.add('tiles', `tile ${tile.level}/${tile.n} is no full tile of this log`)
    }
  }

  sameId(first: number, second: number): void {
    this.findings.seenAt(second, 'entries', `its id is that of index ${first}`)
  }

  finish(): void {
    this.#erasures.finish()
    if (this.#gap !== undefined) return this.#reportGap(this.#gap)
    this.#tree.finish(this.#sizeNow)
    if (this.#newestTime !== this.claim.recordedAt && this.claim.tenant !== metaTenant)
      this.findings.add(
        'heads',
        `the head of the log says ${JSON.stringify(this.claim.recordedAt)}; its newest entry is of ${JSON.stringify(this.#newestTime)}`,
      )
    if (!sameHash(this.#tree.root, this.claim.root))
      this.findings.add('heads', `the head of the log names another root than its ${this.claim.size} entries give`)
  }

  /** At the end, the missing one may have been cut off, or one before it taken out: signed is only what lies before. */
  #reportGap({ index, behind }: { index: number; behind: boolean }): void {
    if (behind || this.#tree.goodSize === index) return this.findings.at(index, 'entries', 'it is missing')
    const what = `the log ends at index ${index}; its head says ${this.claim.size} entries`
    this.findings.add('entries', what, [this.#tree.goodSize, index + 1])
  }

  #checkEvent(row: EntryRow): Hash {
    const erased = this.#erasures.of(row.index)
    const { leafHash: hash, entry, values, newer } = checkRow(row, erased, this.findings)
    if (newer === true) this.#newerVersions += 1
    this.#disclosures += row.content?.disclosures.length ?? 0
    this.#ids.add(row.id, row.index)
    if (entry === undefined) this.index?.addUnknown(row.index)
    else {
      this.index?.addEvent(row.index, entry, values, erased.groups.size > 0)
      this.#checkTime(row.index, entry)
      if (recordActions.has(entry.action)) this.#checkRecord(row.index, entry, values ?? {})
    }
    return hash
  }

  #checkTime(index: number, { recordedAt }: Entry): void {
    this.#newestTime = recordedAt
    const time = sortableTime(recordedAt)
    if (time < this.#recordedAt) this.findings.seenAt(index, 'entries', `recordedAt goes back, to ${recordedAt}`)
    else this.#recordedAt = time
  }

  #checkRecord(index: number, entry: Entry, { details, target }: Partial<GroupValues>): void {
    this.#erasures.mustNotBeErased(index)
    if (entry.action === eraseAction) this.#erasures.recorded(index, parseErased(details?.details) ?? [])
    else if (this.claim.tenant !== systemTenant) return
    else if (entry.action === rollbackAction)
      this.rollbacks.push({ recordedAt: entry.recordedAt, logs: parseRollback(details?.details) ?? [] })
    else if (entry.producer.boot === 'store') {
      const [subject] = target?.targets ?? []
      const origin = details?.details?.['origin']
      if (subject?.type === 'tenant' && typeof origin === 'string')
        this.announcements.push({ index, tenant: subject.id, origin })
    }
  }

  /** An entry of the meta log is a signed note, its id made of what the note says; it has no content. */
  #checkNote(row: EntryRow): Hash {
    const hash = leafHash(row.entry)
    if (!sameHash(hash, row.leafHash))
      this.findings.at(row.index, 'leaf hashes', 'the leaf hash stored beside the entry is not its hash')
    if (row.content !== undefined) this.findings.at(row.index, 'disclosures', 'a checkpoint has content')
    try {
      const { text } = parseNote(row.entry)
      const { origin, size, root } = parseCheckpoint(text)
      if (row.id !== `${origin.slice(-16)}:${size}`)
        this.findings.at(
          row.index,
          'search columns',
          `the id ${JSON.stringify(row.id)} stored beside the checkpoint is not its id`,
        )
      const note = noteDecoder.decode(row.entry)
      this.#metaNotes.push({ index: row.index, origin, size, root, note })
    } catch (error) {
      if (!(error instanceof AuditError)) throw error
      this.findings.at(row.index, 'meta log', error.message)
    }
    return hash
  }
}

// Only for bytes that parseNote has taken, so nothing is repaired.
const noteDecoder = new TextDecoder('utf-8', { ignoreBOM: true })
