/** What applications left in `pending` goes into the logs, inside an open transaction. */
import { submissionFromText } from '../../event/index.ts'
import type { Sources } from '../append-plan.ts'
import { storeLimits } from '../limits.ts'
import { isRecorded } from '../store.ts'
import type { Appended, Appender } from './append.ts'
import type { LogStates } from './log-states.ts'
import type { Tx } from './transaction.ts'

export class Drainer {
  readonly #states: LogStates
  readonly #appender: Appender
  readonly #sources: Sources
  /** The last look at `pending` left rows whose log was held: that of a busy one is never free, and must be waited for. */
  #passedOver = false

  constructor(states: LogStates, appender: Appender, sources: Sources) {
    this.#states = states
    this.#appender = appender
    this.#sources = sources
  }

  /** @returns `isCut` where it took fewer than there are, since together they would be too large for one transaction */
  async drain(tx: Tx, limit: number): Promise<Appended & { isCut: boolean }> {
    const oldest = await tx.rows<{ n: number; submission: string; count: number }>(
      `SELECT n, submission, count FROM (
         SELECT n, tried, submission, count(*) OVER () AS count,
           sum(octet_length(submission)) OVER (ORDER BY tried, n) - octet_length(submission) AS before
         FROM (SELECT n, tried, submission FROM auditproof.pending ORDER BY tried, n LIMIT $1) AS oldest) AS summed
       WHERE before < $2 ORDER BY tried, n`,
      limit,
      storeLimits.batchUnitsMax,
    )
    const isCut = oldest.length < (oldest[0]?.count ?? 0)
    if (oldest.length === 0) return { outcomes: [], states: [], isCut }
    const stamp = { now: this.#sources.now(), newId: this.#sources.newId }
    const given = oldest.map(({ n, submission }) => ({ n, submission: submissionFromText(submission, stamp) }))
    // Who works on a log holds it: its rows are that one's. What that one has done meanwhile is seen by reading again.
    const tenants = [...new Set(given.map(({ submission }) => submission.tenant))]
    const free = await this.#states.lockFree(tx, tenants, this.#passedOver)
    this.#passedOver = free.size < tenants.length
    const mine = given.filter(({ submission }) => free.has(submission.tenant))
    const left = await tx.rows<{ n: number }>(
      'SELECT n FROM auditproof.pending WHERE n = ANY($1) FOR UPDATE SKIP LOCKED',
      mine.map(({ n }) => n),
    )
    const there = new Set(left.map(({ n }) => n))
    const taken = mine.filter(({ n }) => there.has(n))
    const appended = await this.#appender.appendEach(
      tx,
      taken.map(({ submission }) => submission),
    )
    const isDone = taken.map((_, i) => isRecorded(appended.outcomes[i]!))
    await tx.rows(
      'DELETE FROM auditproof.pending WHERE n = ANY($1)',
      taken.filter((_, i) => isDone[i]).map(({ n }) => n),
    )
    await tx.rows(
      'UPDATE auditproof.pending SET tried = tried + 1 WHERE n = ANY($1)',
      taken.filter((_, i) => !isDone[i]).map(({ n }) => n),
    )
    return { ...appended, isCut }
  }
}
