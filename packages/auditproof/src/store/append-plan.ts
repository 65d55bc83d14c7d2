/**
 * What one append writes, worked out before anything is written: pure, and the same for every driver.
 *
 * The driver, inside its transaction, finds the logs and the ids that are there already; the plan says which rows to
 * insert and what each caller is told; the driver inserts them and commits. Salts, recordedAt, disclosures and entries
 * are made here and nowhere else.
 */
import { clearMembersProblem } from '../event/clear.ts'
import {
  decodeEntry,
  groupValues,
  openDisclosures,
  saysTheSame,
  sealEvent,
  searchKeys,
  summaryOf,
  systemTenant,
} from '../event/index.ts'
import type { Salt, Submission, Summary, TakenSubmission } from '../event/index.ts'
import { leafHash, type Hash } from '../log/index.ts'
import { extendRightEdge, rightEdgeRoot, type FullTile, type RightEdge } from './right-edge.ts'
import type { AppendOutcome } from './store.ts'

/** A log as it stands inside the transaction. */
export interface LogState {
  readonly log: number
  readonly tenant: string
  readonly origin: string
  /** Of the newest entry; '' when there is none. */
  readonly recordedAt: string
  readonly rightEdge: RightEdge
  /** Made in this transaction, so its beginning is to be recorded in `_system`. */
  readonly isNew: boolean
}

/** An id that is in the log already. */
export interface StoredEvent {
  index: number
  entry: Uint8Array
  leafHash: Hash
  disclosures: readonly string[]
}

/** Where time and randomness come from. */
export interface Sources {
  /** RFC 3339 UTC. */
  now: () => string
  newSalt: () => Salt
  newId: () => string
}

export interface PlannedEntry {
  index: number
  id: string
  entry: Uint8Array
  leafHash: Hash
  summary: Summary
  disclosures: string[]
  /** What it is found by at once. */
  keys: string[]
}

export interface PlannedLog {
  before: LogState
  after: LogState
  root: Hash
  entries: PlannedEntry[]
  tiles: FullTile[]
}

export interface AppendPlan {
  logs: PlannedLog[]
  /** One a submission, in order. */
  outcomes: AppendOutcome[]
}

/**
 * @param submissions as parsed from the wire; their clear members are checked again here
 * @param stateOf the log of a tenant; it exists, for `_system` too
 * @param stored the event of a log with this id, as far as it was there before this batch
 */
export function planAppend(
  submissions: readonly TakenSubmission[],
  stateOf: (tenant: string) => LogState,
  stored: (state: LogState, id: string) => StoredEvent | undefined,
  sources: Sources,
): AppendPlan {
  const logs = new Map<string, GrowingLog>()
  const growing = (tenant: string): GrowingLog => {
    let log = logs.get(tenant)
    if (log === undefined) {
      log = new GrowingLog(stateOf(tenant), sources)
      logs.set(tenant, log)
      if (log.before.isNew) growing(systemTenant).append(beginningOf(log.before, sources))
    }
    return log
  }
  const outcomes = submissions.map((submission): AppendOutcome => {
    const problem = submissionProblem(submission, sources)
    if (problem !== undefined) return { state: 'rejected', code: 'store_rejected', message: problem }
    const log = growing(submission.tenant)
    const known = log.appended.get(submission.id) ?? stored(log.before, submission.id)
    if (known === undefined) return outcomeOf(log.before, log.append(submission), false)
    if (isRepeat(submission, known)) return outcomeOf(log.before, known, true)
    log.append(conflictOf(submission, sources))
    return {
      state: 'rejected',
      code: 'id_conflict',
      message: `Event ${submission.id} is in this log already, at index ${known.index}, with other content.`,
    }
  })
  return { logs: [...logs.values()].flatMap((log) => log.plan() ?? []), outcomes }
}

/** One log while a batch goes in. */
class GrowingLog {
  readonly before: LogState
  readonly appended = new Map<string, PlannedEntry>()
  readonly #sources: Sources
  readonly #entries: PlannedEntry[] = []
  #recordedAt: string

  constructor(before: LogState, sources: Sources) {
    this.before = before
    this.#sources = sources
    this.#recordedAt = before.recordedAt
  }

  append(submission: Submission): PlannedEntry {
    // A clock that steps back must not make the log go back: the later of the two times is kept.
    const now = this.#sources.now()
    if (now > this.#recordedAt) this.#recordedAt = now
    const sealed = sealEvent(submission, this.#recordedAt, this.#sources.newSalt)
    const entry = asciiBytes(sealed.entry)
    const values = groupValues(submission)
    const clear = { ...submission, recordedAt: this.#recordedAt }
    const planned: PlannedEntry = {
      index: this.before.rightEdge.edge.size + this.#entries.length,
      id: submission.id,
      entry,
      leafHash: leafHash(entry),
      summary: summaryOf(clear, values),
      disclosures: sealed.disclosures,
      keys: searchKeys(clear, values),
    }
    this.#entries.push(planned)
    this.appended.set(planned.id, planned)
    return planned
  }

  plan(): PlannedLog | undefined {
    if (this.#entries.length === 0) return undefined
    const leafHashes = this.#entries.map((entry) => entry.leafHash)
    const { rightEdge, tiles } = extendRightEdge(this.before.rightEdge, leafHashes)
    const after = { ...this.before, rightEdge, recordedAt: this.#recordedAt, isNew: false }
    return { before: this.before, after, root: rightEdgeRoot(rightEdge), entries: this.#entries, tiles }
  }
}

/** Entries are ASCII by their closed vocabularies. */
function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  encoder.encodeInto(text, bytes)
  return bytes
}

const encoder = new TextEncoder()

/** The door has checked all this; a row that somebody put into `pending` by hand has not been through it. */
function submissionProblem(submission: TakenSubmission, sources: Sources): string | undefined {
  if (typeof submission.tenant !== 'string' || submission.tenant === '') return 'The event names no tenant.'
  if (!Array.isArray(submission.targets) || typeof submission.actor !== 'object')
    return 'The event has no actor or targets.'
  const problem = clearMembersProblem({ ...submission, recordedAt: sources.now() })
  return problem === undefined ? undefined : `The event has the ${problem}.`
}

function outcomeOf(state: LogState, entry: { index: number; leafHash: Hash }, duplicate: boolean): AppendOutcome {
  const { tenant, origin } = state
  return { state: 'stored', tenant, log: origin, index: entry.index, leafHash: entry.leafHash, duplicate }
}

function isRepeat(submission: TakenSubmission, known: { entry: Uint8Array; disclosures: readonly string[] }): boolean {
  const entry = decodeEntry(known.entry)
  const { values, missingChanges } = openDisclosures(entry.digests, known.disclosures)
  if (missingChanges > 0) delete values.changes
  return saysTheSame(submission, entry, values)
}

/** The attempt to record another content under an id that is taken: an event of its own, in the same log. */
function conflictOf(submission: TakenSubmission, sources: Sources): Submission {
  const { id, ...attempted } = submission
  return ownEvent(
    submission.tenant,
    'audit.conflict',
    'failure',
    [{ type: 'event', id }],
    { attempted: { ...attempted } },
    sources,
  )
}

/** The beginning of a log, recorded where its tenant cannot be renamed unnoticed. */
function beginningOf(state: LogState, sources: Sources): Submission {
  const targets = [{ type: 'tenant', id: state.tenant }]
  return ownEvent(systemTenant, 'log.create', 'success', targets, { origin: state.origin }, sources)
}

function ownEvent(
  tenant: string,
  action: string,
  outcome: 'success' | 'failure',
  targets: Submission['targets'],
  details: Record<string, unknown>,
  sources: Sources,
): Submission {
  return {
    id: sources.newId(),
    tenant,
    occurredAt: sources.now(),
    action,
    outcome,
    severity: outcome === 'failure' ? 'warning' : 'info',
    actor: { type: 'system', id: 'auditproof' },
    targets,
    details: details as NonNullable<Submission['details']>,
    producer: { id: 'auditproof', boot: 'store', n: 0 },
    origin: { kind: 'direct' },
  }
}
