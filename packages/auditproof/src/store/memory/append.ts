/**
 * Appending: look up, plan, apply. Looking up and planning change nothing, applying is one synchronous step that
 * cannot fail; so a batch is stored as a whole or not at all.
 */
import { assert, AuditError } from '../../errors.ts'
import { parseSubmission, submissionFromText, type TakenSubmission } from '../../event/index.ts'
import {
  planAppend,
  type AppendPlan,
  type LogState,
  type PlannedLog,
  type Sources,
  type StoredEvent,
} from '../append-plan.ts'
import type { AppendOutcome } from '../store.ts'
import { newLog, type MemoryData, type MemoryLog } from './data.ts'
import type { MemoryFaults } from './faults.ts'

export interface PlannedBatch {
  readonly outcomes: AppendOutcome[]
  /** Makes it true. */
  readonly apply: () => void
}

export type Given = TakenSubmission | Rejected

type Rejected = Extract<AppendOutcome, { state: 'rejected' }>

/** What is given: submissions, and the outcomes of texts that are none, which take no other down. */
export function planBatch(
  data: MemoryData,
  sources: Sources,
  faults: MemoryFaults,
  given: readonly Given[],
): PlannedBatch {
  const now = sources.now()
  const oneTime = { now: () => now, newSalt: sources.newSalt, newId: sources.newId }
  const outcomes: (AppendOutcome | undefined)[] = given.map((each) => ('state' in each ? each : undefined))
  // A round for each event that a constraint refuses: the plan is made again without it.
  for (;;) {
    const left = given.flatMap((each, i) => ('state' in each || outcomes[i] !== undefined ? [] : [{ each, i }]))
    const logs = new LogsInside(data)
    const plan = planAppend(
      left.map(({ each }) => each),
      (tenant) => stateOf(logs.get(tenant)),
      ({ log }, id) => storedEvent(data.logs[log - 1], id),
      oneTime,
    )
    const refused = left.findIndex(({ each }) => each.id === faults.rejectId)
    if (refused < 0 || plan.outcomes[refused]?.state !== 'stored') {
      left.forEach(({ i }, at) => (outcomes[i] = plan.outcomes[at]!))
      return { outcomes: outcomes as AppendOutcome[], apply: () => applyPlan(data, logs, plan) }
    }
    outcomes[left[refused]!.i] = rejected(`A constraint refuses event ${faults.rejectId}.`)
  }
}

export function parseBatch(batch: readonly string[]): Given[] {
  return batch.map((text) => {
    try {
      return parseSubmission(text)
    } catch (error) {
      if (error instanceof AuditError) return rejected(error.message)
      throw error
    }
  })
}

export function parsePending(texts: readonly string[], sources: Sources): Given[] {
  const now = sources.now()
  return texts.map((text) => submissionFromText(text, { now, newId: sources.newId }))
}

const rejected = (message: string): Rejected => ({ state: 'rejected', code: 'store_rejected', message })

/** The logs as this transaction sees them: those that are there, and those it makes. */
class LogsInside {
  readonly made: MemoryLog[] = []
  readonly #data: MemoryData

  constructor(data: MemoryData) {
    this.#data = data
  }

  get(tenant: string): MemoryLog {
    const found = this.#data.logOf(tenant) ?? this.made.find((log) => log.tenant === tenant)
    if (found !== undefined) return found
    const log = newLog(this.#data, this.#data.logs.length + this.made.length + 1, tenant)
    this.made.push(log)
    return log
  }
}

function stateOf(log: MemoryLog): LogState {
  const { tenant, origin, recordedAt, rightEdge } = log
  return { log: log.log, tenant, origin, recordedAt, rightEdge, isNew: log.entries.length === 0 }
}

function storedEvent(log: MemoryLog | undefined, id: string): StoredEvent | undefined {
  const index = log?.indexById.get(id)
  if (log === undefined || index === undefined) return undefined
  const { entry, leafHash, content } = log.entries[index]!
  return { index, entry, leafHash, disclosures: content?.disclosures ?? [] }
}

function applyPlan(data: MemoryData, { made }: LogsInside, plan: AppendPlan): void {
  data.logs.push(...made)
  for (const planned of plan.logs) applyLog(data.logs[planned.before.log - 1]!, planned)
}

export function applyLog(log: MemoryLog, { after, entries, tiles }: PlannedLog): void {
  for (const { index, id, entry, leafHash, summary, disclosures, keys } of entries) {
    assert(index === log.entries.length && !log.indexById.has(id), `index ${index} of log ${log.log} is taken`)
    log.entries.push({ index, id, entry, leafHash, content: { summary, disclosures } })
    log.indexById.set(id, index)
    log.keys.push(new Set(keys))
  }
  for (const tile of tiles) log.tiles.set(`${tile.level}/${tile.n}`, tile)
  log.rightEdge = after.rightEdge
  log.recordedAt = after.recordedAt
}
