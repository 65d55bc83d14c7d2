/** The writing side of the PostgreSQL store. One transaction a call; several processes may write to the same database. */
import { AuditError } from '../../errors.ts'
import { parseJson, type TakenSubmission } from '../../event/index.ts'
import type { Sources } from '../append-plan.ts'
import { isRecorded, type AppendOutcome, type Erasure, type Publication, type PublishedCheckpoint } from '../store.ts'
import { Appender, tenantsOf, type Appended, type PlannedAhead } from './append.ts'
import { IndexBuilder } from './build-index.ts'
import type { Connections, Role } from './connections.ts'
import { Drainer } from './drain.ts'
import { Eraser } from './erase.ts'
import { isConstraint } from './errors.ts'
import { InOrder } from './in-order.ts'
import { LogStates } from './log-states.ts'
import { Months } from './months.ts'
import type { OpenedStore } from './open.ts'
import { CheckpointWriter } from './publish.ts'
import type { Tx } from './transaction.ts'

export class PostgresWriter {
  readonly #connections: Connections
  readonly #records: OpenedStore['records']
  readonly #sources: Sources
  readonly #states: LogStates
  readonly #appender: Appender
  readonly #publisher: CheckpointWriter
  readonly #eraser: Eraser
  readonly #indexBuilder = new IndexBuilder()
  readonly #drainer: Drainer
  readonly #months: Months
  /** The last batch held what was in the logs already: the next one is likely to, as when an import is run again. */
  #mayRepeat = false
  readonly #inOrder = new InOrder()

  constructor(connections: Connections, { name, records }: OpenedStore, sources: Sources) {
    this.#connections = connections
    this.#records = records
    this.#sources = sources
    this.#states = new LogStates(name)
    this.#appender = new Appender(this.#states, sources)
    this.#publisher = new CheckpointWriter(this.#states, this.#appender, sources)
    this.#eraser = new Eraser(this.#appender)
    this.#drainer = new Drainer(this.#states, this.#appender, sources)
    this.#months = new Months(connections)
  }

  /** @param batch a JSON array of submissions: as one text it crosses to a thread ten times faster */
  async append(batch: string): Promise<AppendOutcome[]> {
    this.#refuseToOnlyRead()
    const submissions = parseJson(batch) as TakenSubmission[]
    if (this.#records === 'leaves-pending') return this.#inOrder.run(() => this.#leaveInPending(submissions))
    const { outcomes } = await this.#inOrder.run((locked) => this.#append(submissions, locked))
    this.#mayRepeat = outcomes.some((outcome) => outcome.state === 'stored' && outcome.duplicate)
    return outcomes
  }

  /**
   * At first as if all were well; only where the database refuses a row it is looked for which one, and why.
   * @param locked called when the next append may begin: its logs are locked after those of this one
   */
  async #append(submissions: readonly TakenSubmission[], locked: () => void): Promise<Appended> {
    await this.#months.keep(this.#sources.now())
    const first = this.#mayRepeat ? undefined : this.#states.lockStatement(tenantsOf(submissions))
    try {
      if (first !== undefined) return await this.#appendKnown(submissions, first, locked)
      return await this.#appending('append events', sequencer, (tx) =>
        this.#appender.append(tx, submissions, this.#mayRepeat),
      )
    } catch (error) {
      if (!isConstraint((error as AuditError).cause)) throw error
    }
    return this.#appending('append events', sequencer, (tx) => this.#appender.appendEach(tx, submissions))
  }

  /** Plans while the logs are waited for: the append before this one may still hold them. */
  async #appendKnown(submissions: readonly TakenSubmission[], lock: string, locked: () => void): Promise<Appended> {
    let ahead: PlannedAhead | undefined
    const appending = this.#connections.write(
      'append events',
      sequencer,
      (tx, heads) => this.#appender.appendLocked(tx, heads, submissions, ahead, locked),
      lock,
    )
    try {
      ahead = this.#appender.planAhead(submissions)
    } catch {
      // The transaction is under way: it plans again, and what fails then is told.
    }
    try {
      const appended = await appending
      this.#appender.committed(appended)
      return appended
    } catch (error) {
      this.#states.failed()
      throw error
    }
  }

  /** As a transaction of the application would: a process that may append does so. */
  async #leaveInPending(submissions: readonly TakenSubmission[]): Promise<AppendOutcome[]> {
    const tenants = submissions.map(({ tenant }) => tenant)
    await this.#connections.write('leave events in pending', 'auditproof_writer', (tx) =>
      tx.rows(
        'INSERT INTO auditproof.pending (tenant, submission) SELECT * FROM unnest($1::text[], $2::text[])',
        tenants,
        submissions.map((submission) => JSON.stringify(submission)),
      ),
    )
    return tenants.map((tenant) => ({ state: 'pending', tenant }))
  }

  async drainPending(limit: number): Promise<AppendOutcome[]> {
    this.#refuseToOnlyRead()
    if (this.#records !== 'appends') return []
    await this.#months.keep(this.#sources.now())
    const outcomes: AppendOutcome[] = []
    for (let isCut = true; isCut && outcomes.length < limit;) {
      const left = limit - outcomes.length
      const piece = await this.#appending('drain pending events', sequencer, (tx) =>
        this.#drainer.drain(tx, left),
      ).catch((error: unknown) => {
        if (outcomes.length === 0) throw error
        return undefined // the next call meets it again; what is in the logs already is told first
      })
      outcomes.push(...(piece?.outcomes ?? []))
      isCut = piece?.isCut === true && piece.outcomes.some(isRecorded)
    }
    return outcomes
  }

  async eraseContent(erasure: Erasure): Promise<AppendOutcome> {
    this.#refuseToOnlyRead()
    const { outcomes } = await this.#appending('erase content', 'auditproof_eraser', (tx) =>
      this.#eraser.erase(tx, erasure),
    )
    return outcomes[0]!
  }

  async publish(publications: readonly Publication[]): Promise<void> {
    this.#refuseToOnlyRead()
    await this.#connections.write('publish checkpoints', sequencer, (tx) => this.#publisher.publish(tx, publications))
    this.#states.published(publications)
  }

  async keepCheckpoint(log: number): Promise<PublishedCheckpoint | undefined> {
    this.#refuseToOnlyRead()
    return this.#connections.write('keep a checkpoint', sequencer, (tx) => this.#publisher.keep(tx, log))
  }

  async appendMeta(limit: number): Promise<number> {
    this.#refuseToOnlyRead()
    const { count } = await this.#appending('append to the meta log', sequencer, (tx) =>
      this.#publisher.appendMeta(tx, limit),
    )
    return count
  }

  async buildIndex(): Promise<number> {
    this.#refuseToOnlyRead()
    if (this.#records !== 'appends') return 0
    return this.#connections.write('build the search index', sequencer, (tx) => this.#indexBuilder.build(tx))
  }

  #refuseToOnlyRead(): void {
    if (this.#records === 'nothing') throw new AuditError('store_unavailable', 'The store was opened for reading only.')
  }

  async #appending<T extends Pick<Appended, 'states'>>(
    doing: string,
    role: Role,
    work: (tx: Tx) => Promise<T>,
  ): Promise<T> {
    const appended = await this.#connections.write(doing, role, work)
    // Committed, and durable: synchronous_commit was looked at in the transaction itself.
    this.#appender.committed(appended)
    return appended
  }
}

const sequencer: Role = 'auditproof_sequencer'
