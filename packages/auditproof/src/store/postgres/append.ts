/** Appending inside an open transaction: locks the logs, plans, writes all of it with one statement. */
import type { TakenSubmission } from '../../event/index.ts'
import {
  planAppend,
  type AppendPlan,
  type LogState,
  type PlannedLog,
  type Sources,
  type StoredEvent,
} from '../append-plan.ts'
import { splitDisclosures } from '../content-row.ts'
import type { AppendOutcome } from '../store.ts'
import { AppendRows, writeStatement, type WrittenLog } from './append-rows.ts'
import type { Row } from './client.ts'
import type { Tx } from './transaction.ts'
import { isConstraint } from './errors.ts'
import type { LockedLogs, LogStates } from './log-states.ts'

export interface Appended {
  /** One a submission, in order. */
  outcomes: AppendOutcome[]
  /** The logs as they stand once the transaction is committed. */
  states: LogState[]
}

export class Appender {
  readonly #states: LogStates
  readonly #sources: Sources

  constructor(states: LogStates, sources: Sources) {
    this.#states = states
    this.#sources = sources
  }

  /**
   * Writes the batch; what it returns is true once the transaction is committed: tell `committed` then.
   * @param mayRepeat looks for ids that are in the log already; without it, one that is there fails the statement
   */
  async append(tx: Tx, submissions: readonly TakenSubmission[], mayRepeat: boolean): Promise<Appended> {
    if (submissions.length === 0) return { outcomes: [], states: [] }
    const now = this.#sources.now()
    const locked = await this.#states.lock(tx, tenantsOf(submissions), now)
    return this.#appendTo(tx, locked, submissions, mayRepeat, now)
  }

  /**
   * The same as the first and last of a transaction that has begun with `lockStatement`.
   * @param ahead what was planned while that was waited for; good where the logs stand as they were thought to
   * @param whenPlanned called when the logs are held, and it is known how they will stand
   */
  async appendLocked(
    tx: Tx,
    heads: readonly Row[],
    submissions: readonly TakenSubmission[],
    ahead: PlannedAhead | undefined,
    whenPlanned: () => void,
  ): Promise<Appended> {
    const locked = await this.#states.locked(tx, tenantsOf(submissions), heads)
    const isGood =
      ahead !== undefined && [...ahead.states].every(([tenant, state]) => locked.states.get(tenant) === state)
    if (!isGood) {
      whenPlanned()
      return this.#appendTo(tx, locked, submissions, false, this.#sources.now())
    }
    const states = ahead.plan.logs.map(({ after }) => after)
    this.#states.coming(states)
    whenPlanned()
    await tx.last(writeStatement, ...ahead.rows)
    return { outcomes: ahead.plan.outcomes, states }
  }

  /** Works out what an append will write, as far as this process knows the logs; undefined where it does not know one. */
  planAhead(submissions: readonly TakenSubmission[]): PlannedAhead | undefined {
    const states = new Map<string, LogState>()
    for (const tenant of tenantsOf(submissions)) {
      const state = this.#states.likely(tenant)
      if (state === undefined) return undefined
      states.set(tenant, state)
    }
    const now = this.#sources.now()
    const plan = planAppend(
      submissions,
      (tenant) => states.get(tenant)!,
      () => undefined,
      { ...this.#sources, now: () => now },
    )
    return { states, plan, rows: rowsOf(plan.logs) }
  }

  async #appendTo(
    tx: Tx,
    { states, damaged, made }: LockedLogs,
    submissions: readonly TakenSubmission[],
    mayRepeat: boolean,
    now: string,
  ): Promise<Appended> {
    const sound = submissions.filter(({ tenant }) => !damaged.has(tenant))
    const stored = mayRepeat ? await storedEvents(tx, sound, states) : new Map<string, StoredEvent>()
    const plan = planAppend(
      sound,
      (tenant) => states.get(tenant)!,
      ({ log }, id) => stored.get(`${log} ${id}`),
      { ...this.#sources, now: () => now },
    )
    const planned = plan.outcomes.values()
    const outcomes = submissions.map(({ tenant }): AppendOutcome => {
      const message = damaged.get(tenant)
      return message === undefined ? planned.next().value! : { state: 'rejected', code: 'store_corrupt', message }
    })
    const used = new Set(plan.logs.map(({ before }) => before.tenant))
    if (made && [...states.values()].some(({ isNew, tenant }) => isNew && !used.has(tenant))) {
      // A log is made only if something goes into it.
      await tx.rows('ROLLBACK TO SAVEPOINT made')
      return this.#appendOthers(tx, submissions, outcomes, mayRepeat)
    }
    return { outcomes, states: await this.write(tx, plan.logs) }
  }

  /**
   * The same, where one event may be refused by the database: a batch that meets a constraint is split, so that it takes no
   * other down.
   */
  async appendEach(tx: Tx, submissions: readonly TakenSubmission[]): Promise<Appended> {
    // All at once, in order, and before the savepoint: to return there lets go of what was locked behind it.
    await this.#states.lockThere(tx, tenantsOf(submissions))
    return this.#appendEach(tx, submissions)
  }

  async #appendEach(tx: Tx, submissions: readonly TakenSubmission[]): Promise<Appended> {
    await tx.rows('SAVEPOINT batch')
    try {
      const appended = await this.append(tx, submissions, true)
      await tx.rows('RELEASE SAVEPOINT batch')
      return appended
    } catch (error) {
      if (!isConstraint(error)) throw error
      await tx.rows('ROLLBACK TO SAVEPOINT batch')
      if (submissions.length === 1) return { outcomes: [rejected(error)], states: [] }
      const half = submissions.length >> 1
      const first = await this.#appendEach(tx, submissions.slice(0, half))
      const second = await this.#appendEach(tx, submissions.slice(half))
      return { outcomes: [...first.outcomes, ...second.outcomes], states: [...first.states, ...second.states] }
    }
  }

  /** Again, without those that are rejected: no log is made for them. */
  async #appendOthers(
    tx: Tx,
    submissions: readonly TakenSubmission[],
    outcomes: readonly AppendOutcome[],
    mayRepeat: boolean,
  ): Promise<Appended> {
    const others = submissions.filter((_, i) => outcomes[i]!.state === 'stored')
    const appended = await this.append(tx, others, mayRepeat)
    const left = appended.outcomes.values()
    return {
      outcomes: outcomes.map((outcome) => (outcome.state === 'stored' ? left.next().value! : outcome)),
      states: appended.states,
    }
  }

  /** Inserts what is planned, for all logs at once. @returns the logs as they then stand */
  async write(tx: Tx, logs: readonly (PlannedLog | WrittenLog)[]): Promise<LogState[]> {
    if (logs.length === 0) return []
    await tx.rows(writeStatement, ...rowsOf(logs))
    return logs.map(({ after }) => after)
  }

  committed({ states }: Pick<Appended, 'states'>): void {
    this.#states.committed(states)
  }
}

export interface PlannedAhead {
  states: ReadonlyMap<string, LogState>
  plan: AppendPlan
  /** Parameters of the statement that writes it. */
  rows: string[]
}

export const tenantsOf = (submissions: readonly TakenSubmission[]): string[] => [
  ...new Set(submissions.map(({ tenant }) => tenant)),
]

function rowsOf(logs: readonly (PlannedLog | WrittenLog)[]): string[] {
  const rows = new AppendRows()
  for (const log of logs) rows.add(log)
  return rows.values()
}

/** @returns by `log id` what is in the logs already */
async function storedEvents(
  tx: Tx,
  submissions: readonly TakenSubmission[],
  states: ReadonlyMap<string, LogState>,
): Promise<Map<string, StoredEvent>> {
  const wanted = submissions.filter(({ tenant }) => states.get(tenant)!.rightEdge.edge.size > 0)
  if (wanted.length === 0) return new Map()
  const rows = await tx.rows<{
    log: number
    idx: number
    id: string
    entry: string
    leaf_hash: Uint8Array
    disclosures: string | null
  }>(
    `SELECT log, idx, id, entry, leaf_hash, disclosures FROM unnest($1::bigint[], $2::text[]) AS wanted (log, id)
     JOIN auditproof.entry USING (log, id) LEFT JOIN auditproof.content USING (log, idx, month)`,
    wanted.map(({ tenant }) => states.get(tenant)!.log),
    wanted.map(({ id }) => id.replaceAll('\0', '\ufffd')),
  )
  return new Map(
    rows.map(({ log, idx, id, entry, leaf_hash: leafHash, disclosures }) => [
      `${log} ${id}`,
      { index: idx, entry: Buffer.from(entry), leafHash, disclosures: splitDisclosures(disclosures ?? '') },
    ]),
  )
}

const rejected = (error: unknown): AppendOutcome => ({
  state: 'rejected',
  code: 'store_rejected',
  message: `The store refuses the event: ${(error as Error).message}`,
})
