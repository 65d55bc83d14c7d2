/**
 * Group commit. While one append is under way the next batch gathers, filled from the tenants in turn, so that a noisy
 * tenant delays nobody else by more than one batch. A store that takes several appends at once gets the next one early,
 * when enough has gathered.
 */
import { assert, AuditError } from '../errors.ts'
import type { AppendOutcome } from '../store/store.ts'
import { recorderLimits } from './limits.ts'

interface Waiting {
  /** The one after it in its line: what is answered hangs on nothing, however long a line never gets empty. */
  next: Waiting | undefined
  submission: string
  resolve: (outcome: AppendOutcome) => void
  reject: (error: unknown) => void
}

/** The events of one tenant, first come, first served. */
interface Line {
  first: Waiting
  last: Waiting
}

export class Queue {
  readonly #append: (batch: readonly string[]) => Promise<AppendOutcome[]>
  readonly #tenants = new Map<string, Line>()
  #units = 0
  #waiting = 0
  #underWay = 0
  /** Loops that append, each one batch at a time. */
  #loops = 0
  readonly #appending = new Set<Promise<void>>()
  readonly #appendsMax: () => number

  /**
   * @param append appends a batch, durable when it resolves; called again before that, it appends the batches in order,
   *   but one that holds a repeated id may come behind the next
   * @param appendsMax how many may be under way
   */
  constructor(append: (batch: readonly string[]) => Promise<AppendOutcome[]>, appendsMax: () => number = () => 1) {
    this.#append = append
    this.#appendsMax = appendsMax
  }

  /** Accepted and not yet answered. */
  get depth(): number {
    return this.#waiting + this.#underWay
  }

  /** @param submission JSON text, taken in the call */
  add(tenant: string, submission: string): Promise<AppendOutcome> {
    if (this.#units + submission.length > recorderLimits.queueUnitsMax && this.#waiting > 0)
      return Promise.reject(
        new AuditError('queue_full', `${this.#waiting} events wait for the store already; this one was not accepted.`, {
          hint: 'record it again when earlier calls have resolved',
        }),
      )
    return new Promise((resolve, reject) => {
      const item: Waiting = { next: undefined, submission, resolve, reject }
      const line = this.#tenants.get(tenant)
      if (line === undefined) this.#tenants.set(tenant, { first: item, last: item })
      else line.last = line.last.next = item
      this.#units += submission.length
      this.#waiting += 1
      if (this.#isDue(this.#loops)) this.#start()
    })
  }

  /** Resolves when all that was accepted is answered. */
  async idle(): Promise<void> {
    while (this.#appending.size > 0) await Promise.all(this.#appending)
  }

  #start(): void {
    this.#loops += 1
    // In a microtask, so that all events of one synchronous stretch go into one batch.
    const appending = Promise.resolve()
      .then(() => this.#run())
      .finally(() => this.#appending.delete(appending))
    this.#appending.add(appending)
  }

  /** @param others appends under way */
  #isDue(others: number): boolean {
    if (this.#waiting === 0) return false
    return others === 0 || (others < this.#appendsMax() && this.#waiting >= recorderLimits.overlapEvents)
  }

  async #run(): Promise<void> {
    while (this.#isDue(this.#loops - 1)) {
      const batch = this.#takeBatch()
      this.#underWay += batch.length
      try {
        const outcomes = await this.#append(batch.map(({ submission }) => submission))
        assert(outcomes.length === batch.length, `${outcomes.length} outcomes for ${batch.length} events`)
        batch.forEach(({ resolve }, i) => resolve(outcomes[i]!))
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
      this.#underWay -= batch.length
    }
    // In the same step as the last look, or what is added in between would wait for nobody.
    this.#loops -= 1
  }

  /** One event of each tenant in turn, until the batch is full. */
  #takeBatch(): Waiting[] {
    const eventsMax = this.#appendsMax() > 1 ? recorderLimits.sharedBatchEvents : recorderLimits.batchEvents
    const batch: Waiting[] = []
    let units = 0
    for (const [tenant, line] of this.#tenants) {
      const item = line.first
      // Put back at the end, where this loop comes by again.
      this.#tenants.delete(tenant)
      if (item.next !== undefined) {
        line.first = item.next
        this.#tenants.set(tenant, line)
      }
      batch.push(item)
      units += item.submission.length
      if (batch.length >= eventsMax || units >= recorderLimits.batchUnits) break
    }
    this.#units -= units
    this.#waiting -= batch.length
    return batch
  }
}
