/**
 * The storage contract. Its comments are the law; one suite (`auditproof/testing`) holds every driver to them.
 *
 * A store holds logs: one for each tenant, `_system` for what auditproof does itself, `_meta` for their checkpoints.
 * An event is *sequenced* and *integrated* by `append` in one transaction, *published* when `publish` stores a signed
 * checkpoint over it. Entries, tiles, checkpoints, erasures and the feed are append-only; content can be erased.
 *
 * Writing methods may be called at any time and run one after the other; other processes may write to the same store.
 * Reading methods see what is committed, and may run at the same time as a write.
 * Every method rejects with an `AuditError`, never with a driver's own:
 * `store_unavailable`, `store_busy`, `closed`, and what is named with it.
 */
import type { Group } from '../event/index.ts'
import type { Hash } from '../log/index.ts'
import type {
  IndexPlace, ListPage, ListQuery, Posting, StoredNode, StoredSummary, Survey, SurveyQuery,
} from './search.ts' // prettier-ignore

export interface Store {
  /** The unique name that prefixes the origins of its logs and names the meta log. */
  readonly name: string

  /**
   * Whether other processes, applications among them, leave events in `pending` at any time without a word: then somebody
   * has to look there again and again. False where only a process that opens this store can write to it.
   */
  readonly isShared: boolean

  /**
   * Appends submissions, each the JSON text of a `TakenSubmission`, in this order, each to the log of its tenant.
   * When it resolves, what it calls stored is durable (fsynced, or committed with synchronous_commit at least on).
   * An id that is in the log already with the same content gives the old place, with `duplicate`; with other content it
   * is rejected as `id_conflict`, and the attempt becomes an event of its own. One event that cannot be stored takes no other down.
   * @returns one outcome a submission, in order
   * @throws `disk_full`, `outcome_unknown`, or any other: all of the batch is stored or nothing of it; appending the
   *   same ids again settles which
   */
  append(batch: readonly string[]): Promise<AppendOutcome[]>

  /**
   * Appends what applications left in `pending`, oldest first, and removes it from there in the same transaction. A
   * row that is rejected stays, behind the others, unless its attempt became an event of its own (`id_conflict`).
   * Safe to call from several processes at once: a row is appended once.
   */
  drainPending(limit: number): Promise<AppendOutcome[]>

  /**
   * Destroys disclosures for good, and records it: the submission (an `audit.erase` event naming what is erased)
   * is appended in the same transaction. Entries and proofs stay as they are.
   * @throws `erase_refused` where an event is not there, or is itself the record of an erasure or of a new log
   */
  eraseContent(erasure: Erasure): Promise<AppendOutcome>

  /** Logs whose newest entries lie under no published checkpoint, in order of `log`, after the one named. */
  unpublished(afterLog: number, limit: number): Promise<UnpublishedLog[]>

  /**
   * Stores signed checkpoints as the newest of their logs, all or none, and tells followers by a row of the feed each.
   * A checkpoint that is not larger than the published one is passed over. It is also kept for good when `keep`
   * says so or the last kept one is old enough (`checkpointIntervalMs`).
   */
  publish(publications: readonly Publication[]): Promise<void>

  /** Keeps the newest published checkpoint of a log for good and returns it, for a receipt that needs it. */
  keepCheckpoint(log: number): Promise<PublishedCheckpoint | undefined>

  /** Appends to the meta log each newest checkpoint that it does not hold yet. @returns how many */
  appendMeta(limit: number): Promise<number>

  /** All logs, in the order they were made. */
  heads(): Promise<LogHead[]>

  headOf(tenant: string): Promise<LogHead | undefined>

  /** Entries `from` (inclusive) to `to` (exclusive) that exist, in order, at most `readEntriesMax`. */
  entries(log: number, from: number, to: number): Promise<StoredEntry[]>

  /** Where an event id stands: at most once a log. All tenants when none is named. */
  find(id: string, tenant?: string): Promise<Place[]>

  /**
   * A page of summaries. Its cost does not grow with the logs: the search goes through the index, and after a bounded
   * number of looks into it hands out what it has, also nothing, and where to go on. Every filter is exact, but for words and changed
   * fields of entries that wait for `buildIndex`: those are not found yet, and the page says how many wait.
   */
  list(query: ListQuery): Promise<ListPage>

  /** Counts, the most frequent keys and a histogram of what is selected, within the same bound. */
  survey(query: SurveyQuery): Promise<Survey>

  /**
   * Adds to the search index a piece of what is built behind the log: words, changed fields, the levels above the leaves.
   * A node above is made as soon as the words of its last entry are there, before those of any later entry.
   * Safe to call from several processes at once. @returns entries that still wait; at least 1 while anything is left to do
   */
  buildIndex(): Promise<number>

  /** Nodes of the search index, for checking it: of one level, in order of n, after the one named, at most `limit`. */
  indexNodes(log: number, level: number, afterN: number, limit: number): Promise<StoredNode[]>

  /** What one node holds, for checking it: in order of key (as UTF-8), after the one named, at most `limit`. */
  postings(log: number, level: number, n: number, afterKey: string, limit: number): Promise<Posting[]>

  /** occurredAt of the entries of a leaf that is full and has its words, microseconds since 1970, for checking it. */
  leafTimes(log: number, leaf: number): Promise<Float64Array | undefined>

  /** Nodes that anything is stored of, for checking that there are no others: after the one named, at most `limit`. */
  indexPlaces(after: IndexPlace | undefined, limit: number): Promise<IndexPlace[]>

  /**
   * The first `width` (1 to 256) hashes of a C2SP tile, 32 bytes each.
   * @throws `not_found` where the log is not that large
   */
  tile(log: number, level: number, n: number, width: number): Promise<Uint8Array>

  /** Full tiles as they are stored, for checking them; in order of level and n, after the one named, at most `limit`. */
  storedTiles(log: number, after: { level: number; n: number } | undefined, limit: number): Promise<StoredTile[]>

  /** Kept checkpoints larger than `afterSize`, smallest first, at most `limit`. */
  checkpoints(log: number, afterSize: number, limit: number): Promise<KeptCheckpoint[]>

  /** Erased groups in order of index, after the index named, at most `limit`. */
  erasures(log: number, afterIndex: number, limit: number): Promise<StoredErasure[]>

  /** What was published, over all tenants, after a position, at most `limit`. Positions are dense and begin at 1. */
  feed(after: number, limit: number): Promise<FeedRow[]>

  /** Position of the newest row of the feed, 0 while there is none. */
  feedEnd(): Promise<number>

  /** Another number than before when anything was committed since, by anybody; the same when nothing was. */
  version(): Promise<number>

  /**
   * Calls when somebody else has committed, from this call until `stop`. A hint: where `isLive` is false nobody may be told,
   * and also else one may be missed, so whoever must not miss anything asks for the `version` as well.
   */
  watch(changed: () => void): Watch

  /** What can be checked about the store from outside its contents, for `doctor`. */
  inspect(): Promise<Inspection[]>

  /** Waits for what is under way. A second call is fine. */
  close(): Promise<void>
}

export type AppendOutcome =
  | { state: 'stored'; tenant: string; log: string; index: number; leafHash: Hash; duplicate: boolean }
  /** Durable in `pending`: a process that may append puts it into its log. */
  | { state: 'pending'; tenant: string }
  | { state: 'rejected'; code: 'id_conflict' | 'store_rejected' | 'store_corrupt'; message: string }

/** Whether something of it is kept: the event, or the attempt. */
export const isRecorded = (outcome: AppendOutcome): boolean =>
  outcome.state !== 'rejected' || outcome.code === 'id_conflict'

export interface Erasure {
  tenant: string
  /** At most `eraseEventsMax`. */
  items: readonly { index: number; groups: readonly Group[] }[]
  /** JSON text of the `audit.erase` submission. */
  submission: string
}

export interface LogHead {
  log: number
  tenant: string
  origin: string
  size: number
  root: Hash
  /** Of the newest entry, RFC 3339. */
  recordedAt: string
  /** The newest published checkpoint. */
  published: PublishedCheckpoint | undefined
  /** Tree size of this log's newest checkpoint in the meta log. */
  metaSize: number
  /** Entries whose words and changed fields are in the search index, from the first on. */
  indexedSize: number
}

export interface PublishedCheckpoint {
  size: number
  /** Signed note text. */
  note: string
}

export interface KeptCheckpoint extends PublishedCheckpoint {
  /** Size of the one kept before it, 0 for the first. */
  previous: number
}

export interface UnpublishedLog {
  log: number
  origin: string
  size: number
  root: Hash
  /** Size of the newest published checkpoint, 0 when there is none. */
  publishedSize: number
  /** The newest published checkpoint, a signed note. */
  published: string | undefined
  /** Consistency proof from `publishedSize`; empty when that is 0. */
  proof: Hash[]
}

export interface Publication {
  log: number
  size: number
  root: Hash
  note: string
  keep: boolean
}

export interface StoredEntry {
  index: number
  id: string
  entry: Uint8Array
  leafHash: Uint8Array
  /** Undefined where the row is not there at all. */
  content: StoredContent | undefined
}

export interface StoredContent {
  summary: StoredSummary
  /** In the order in which they were made; without those that are erased. */
  disclosures: string[]
}

export interface StoredTile {
  level: number
  n: number
  hashes: Uint8Array
  root: Uint8Array
}

export interface StoredErasure {
  index: number
  group: Group
  /** Index of the `audit.erase` event in the same log. */
  by: number
}

export interface FeedRow {
  position: number
  log: number
  /** Indexes from (inclusive) to (exclusive). */
  from: number
  to: number
}

export interface Place {
  tenant: string
  log: number
  index: number
}

export interface Watch {
  readonly isLive: boolean
  stop(): void
}

/** Of a store that tells nobody. */
export const watchesNothing: Watch = { isLive: false, stop() {} }

/** One finding of `doctor`. */
export interface Inspection {
  name: string
  ok: boolean
  detail: string
  /** What to do; also where it is only worth knowing. */
  fix?: string
}
