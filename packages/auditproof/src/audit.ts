/** Wiring: `createAudit` puts store, signer, sequencer and recorder together. */
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import type { Audit, AuditOptions, CloseReport, Wanted } from './audit-interface.ts'
import { closeOpened, problemOf, type Left, type Opened } from './closing.ts'
import { AuditError } from './errors.ts'
import type { EventInput } from './event/index.ts'
import { isKeyName } from './log/index.ts'
import { Opening, unusable } from './opening.ts'
import type { Ack } from './recorder/ack.ts'
import { AmbientContext, type AuditContext } from './recorder/context.ts'
import { Deadline, late } from './recorder/deadline.ts'
import { Counters, FlagCounts, type Health } from './recorder/health.ts'
import { recorderLimits } from './recorder/limits.ts'
import { ProducerCount } from './recorder/producer-count.ts'
import { PublishedWaiter } from './recorder/published.ts'
import { Queue } from './recorder/queue.ts'
import { DurableRecorder, type Door, type Recorder } from './recorder/recorder.ts'
import { TransactionDoor } from './recorder/transaction/door.ts'
import { JoiningRecorder } from './recorder/transaction/joining.ts'
import type { SynchronousRecorder } from './recorder/transaction/recorder.ts'
import type { SqliteHandle } from './recorder/transaction/sqlite/handle.ts'
import type { TransactionOf } from './recorder/transaction/transaction-of.ts'
import { Draining } from './sequencer/draining.ts'
import { sequencerLimits } from './sequencer/limits.ts'
import {
  history, listEvents, parseFilter, survey, who, type EventPage, type ListRequest, type SurveyReport, type SurveyRequest,
  type WhoReport,
} from './reader/index.ts' // prettier-ignore
import { Followers, type Following, type FollowOptions } from './reader/follow/follow.ts'
import { Indexing } from './sequencer/indexing.ts'
import { Publisher } from './sequencer/publisher.ts'
import { publishedElsewhere } from './sequencer/publishing.ts'
import type { AppendOutcome } from './store/store.ts'

export type { Audit, AuditOptions, CloseReport, Wanted } from './audit-interface.ts'

/** Opens in the background; the first events wait for it. @throws AuditError `usage` for options without meaning */
export function createAudit(options: AuditOptions = {}): Audit {
  return new WiredAudit(options)
}

class WiredAudit implements Audit {
  readonly system: Recorder
  readonly #data: string
  readonly #openingOf: Opening
  readonly #recorder: Recorder
  readonly #ambient = new AmbientContext()
  readonly #counters = new Counters()
  readonly #flags = new FlagCounts()
  readonly #published = new PublishedWaiter(async () => (await this.#open()).store)
  readonly #queue: Queue
  readonly #transactions: TransactionDoor
  #opening: Promise<Opened> | undefined
  #opened: Opened | undefined
  #openError: { error: AuditError; at: number } | undefined
  #appendError: AuditError | undefined
  /** Logs that contradict themselves, in words: their events are rejected until somebody looks. */
  readonly #damaged = new Set<string>()
  /** Threads that died and were not needed since, by name. */
  readonly #troubles = new Map<string, AuditError>()
  #closing: Promise<CloseReport> | undefined
  #idKey: Uint8Array | undefined

  constructor(options: AuditOptions) {
    const { tenant = 'default', tenantRequired = false, producer = 'auditproof', origin } = options
    if (tenant === '' || tenant?.startsWith('_'))
      throw new AuditError('usage', `tenant ${JSON.stringify(tenant)}: names that begin with "_" are reserved.`)
    if (!/^[A-Za-z0-9._:-]{1,64}$/.test(producer))
      throw new AuditError('usage', `producer ${JSON.stringify(producer)}: 1 to 64 letters, digits and "._:-".`)
    if (origin !== undefined && !isKeyName(origin))
      throw new AuditError(
        'usage',
        `origin ${JSON.stringify(origin)}: no blanks, no "+"; for example audit.example.com.`,
      )
    this.#data = resolve(options.data ?? process.env['AUDITPROOF_DATA'] ?? 'auditproof-data')
    this.#openingOf = new Opening({
      data: this.#data,
      isDefaultData: options.data === undefined,
      store: options.store ?? addressIn(process.env),
      signer: options.signer,
      origin,
      onTrouble: this.#onTrouble,
    })
    this.#queue = new Queue(
      (batch) => this.#append(batch),
      () => (this.#opened?.store.isShared === true ? recorderLimits.sharedAppends : 1),
    )
    const door: Door = {
      submit: (to, submission) => this.#submit(to, submission),
      counters: this.#counters,
      awaitPublished: (event, timeoutMs) => this.#published.wait(event, timeoutMs),
      origin: { kind: 'direct' },
      ambient: this.#ambient,
      defaultTenant: tenant,
      tenantRequired,
      producerId: producer,
      producerCount: new ProducerCount(randomBytes(8).toString('hex')),
      flags: this.#flags,
      idKey: () => (this.#idKey ??= this.#openingOf.idKey()),
      trusted: false,
    }
    this.#transactions = new TransactionDoor({
      // A counter of its own: an event that was rolled back would look like a missing one.
      intake: {
        ...door,
        origin: { kind: 'transaction' },
        producerCount: new ProducerCount(randomBytes(8).toString('hex')),
      },
      awaitPublished: door.awaitPublished,
      append: (batch) => this.#append(batch),
      idKey: door.idKey,
      isShared: () => this.#opened?.store.isShared ?? this.#isShared(),
      whenCommitted: () => this.#opened?.draining.nudge(),
      isClosed: () => this.#closing !== undefined,
    })
    this.#recorder = new JoiningRecorder(new DurableRecorder(door), () => this.#transactions.current())
    this.system = new DurableRecorder(
      { ...door, trusted: true, ambient: new AmbientContext() },
      { tenant: '_system', actor: { type: 'system', id: 'auditproof' } },
    )
    this.#open().catch(() => {}) // kept in #openError: the first record() and health() tell
  }

  record(action: string, event?: EventInput): Promise<Ack> {
    return this.#recorder.record(action, event)
  }

  with(context: AuditContext): Recorder {
    return this.#recorder.with(context)
  }

  in(handle: SqliteHandle): SynchronousRecorder
  in(tx: object): Recorder
  in(tx: object): Recorder | SynchronousRecorder {
    return this.#transactions.in(tx)
  }

  transaction<R>(handle: SqliteHandle, fn: (tx: SqliteHandle) => R): R
  transaction<Db extends object, R>(db: Db, fn: (tx: TransactionOf<Db>) => R | Promise<R>): Promise<R>
  transaction<R>(db: object, fn: (tx: never) => R | Promise<R>): R | Promise<R> {
    return this.#transactions.transaction(db, fn)
  }

  attach(handle: SqliteHandle): Promise<void> {
    return this.#transactions.handles.attach(handle)
  }

  run<R>(context: AuditContext, fn: () => R): R {
    return this.#ambient.run(context, fn)
  }

  async ready(): Promise<void> {
    await this.#open()
  }

  opened(): Promise<Opened> {
    return this.#open()
  }

  async publish(): Promise<void> {
    const { publisher } = await this.#open()
    await publisher.publishNow()
  }

  async follow(wanted: Wanted = {}, options: Omit<FollowOptions, 'filter'> = {}): Promise<Following> {
    const { followers } = await this.#open()
    return followers.follow({ ...options, filter: parseFilter(wanted, options.now ?? Date.now()) })
  }

  async list(wanted: Wanted = {}, options: Omit<ListRequest, 'filter'> = {}): Promise<EventPage> {
    return listEvents(await this.#open(), { ...options, filter: parseFilter(wanted, options.now ?? Date.now()) })
  }

  async survey(wanted: Wanted = {}, options: Omit<SurveyRequest, 'filter'> = {}): Promise<SurveyReport> {
    const { store } = await this.#open()
    return survey(store, { ...options, filter: parseFilter(wanted, options.now ?? Date.now()) })
  }

  async history(target: string, options: Parameters<Audit['history']>[1] = {}): Promise<EventPage> {
    return history(await this.#open(), target, options)
  }

  async who(target: string, options: Parameters<Audit['who']>[1] = {}): Promise<WhoReport> {
    return who(await this.#open(), target, options)
  }

  health(): Health {
    const { offered, stored, rejected } = this.#counters
    const errors = [this.#openError?.error, this.#appendError].filter((error) => error !== undefined)
    const failing = [...errors.map(messageOf), ...this.#damaged]
    const { publisher, indexing, draining } = this.#opened ?? {}
    const { written, handles } = this.#transactions
    const degraded = [
      ...[...this.#troubles.values()].map(messageOf),
      ...(publisher?.refusals.values() ?? []),
      ...(publisher?.lastError ? [messageOf(publisher.lastError)] : []),
      ...(indexing?.lastError ? [messageOf(indexing.lastError)] : []),
      ...(draining?.lastError ? [messageOf(draining.lastError)] : []),
      ...(handles.lastError ? [messageOf(handles.lastError)] : []),
    ]
    return {
      status: failing.length > 0 ? 'failing' : degraded.length > 0 ? 'degraded' : 'ok',
      problems: [...failing, ...degraded],
      offered,
      stored,
      rejected,
      waiting: offered - stored - rejected,
      inTransaction: written,
      sequenced: (draining?.sequenced ?? 0) + handles.sequenced,
      drainRejected: (draining?.rejected ?? 0) + handles.rejected,
      flags: { ...this.#flags.counts },
    }
  }

  close({ timeoutMs = recorderLimits.closeTimeoutMs }: { timeoutMs?: number } = {}): Promise<CloseReport> {
    this.#closing ??= this.#close(timeoutMs)
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #submit(tenant: string, submission: string): Promise<AppendOutcome> {
    if (this.#closing !== undefined)
      return Promise.reject(
        new AuditError('closed', 'The audit is closed; this event was not recorded.', {
          hint: 'record before close()',
        }),
      )
    return this.#queue.add(tenant, submission)
  }

  async #append(batch: readonly string[]): Promise<AppendOutcome[]> {
    const opened = await this.#open()
    try {
      const outcomes = await opened.store.append(batch)
      this.#appendError = undefined
      this.#appended(opened, outcomes)
      return outcomes
    } catch (error) {
      this.#appendError =
        error instanceof AuditError ? error : new AuditError('store_unavailable', String(error), { cause: error })
      throw this.#appendError
    }
  }

  #appended({ publisher, indexing, followers }: Omit<Opened, 'draining'>, outcomes: readonly AppendOutcome[]): void {
    for (const one of outcomes)
      if (one.state === 'rejected' && one.code === 'store_corrupt') this.#damaged.add(one.message)
    publisher.nudge()
    indexing.nudge()
    followers.nudge()
  }

  /** A store that cannot be opened now may be shared: what is left in it is found when it can. */
  async #isShared(): Promise<boolean> {
    const opened = await this.#open().catch(() => undefined)
    return opened?.store.isShared ?? true
  }

  /** Opened once. After a failure it is tried again, a little later: a store may come back. */
  #open(): Promise<Opened> {
    if (this.#openError !== undefined) {
      if (this.#closing !== undefined || Date.now() - this.#openError.at < recorderLimits.reopenIntervalMs)
        return Promise.reject(this.#openError.error)
      this.#openError = undefined
      this.#opening = undefined
    }
    this.#opening ??= this.#openAll().then(
      (opened) => (this.#opened = opened),
      (reason: unknown) => {
        const error = reason instanceof AuditError ? reason : unusable(this.#data, reason)
        this.#openError = { error, at: Date.now() }
        throw error
      },
    )
    return this.#opening
  }

  async #openAll(): Promise<Opened> {
    const { store, signer } = await this.#openingOf.open()
    const publisher =
      signer === undefined
        ? publishedElsewhere
        : new Publisher(store, signer, sequencerLimits, () => this.#published.nudge())
    publisher.nudge() // a process before this one may have died between storing and publishing
    const indexing = new Indexing(store)
    indexing.nudge() // and between storing and indexing
    const cursorKey = this.#openingOf.cursorKey()
    const followers = new Followers(store, cursorKey)
    const working = { store, signer, publisher, published: this.#published, indexing, followers, cursorKey }
    const draining = new Draining(store, (outcomes) => this.#appended(working, outcomes))
    if (store.isShared) draining.nudge() // and somebody may have committed while nobody drained
    return { ...working, draining }
  }

  readonly #onTrouble = (thread: string, trouble: AuditError | undefined): void => {
    if (trouble === undefined) this.#troubles.delete(thread)
    else this.#troubles.set(thread, trouble)
  }

  async #close(timeoutMs: number): Promise<CloseReport> {
    const deadline = new Deadline(timeoutMs)
    await deadline.of(this.#queue.idle())
    const uncopied = await problemOf(this.#transactions.handles.close(), deadline)
    const opening = this.#opening?.catch(() => undefined) ?? Promise.resolve(undefined)
    const opened = await deadline.of(opening)
    // What opens later than that is closed as soon as it is there.
    if (opened === late) void opening.then((found) => found && closeOpened(found, deadline))
    const left: Left =
      opened === late
        ? { unclosed: `the store was not open yet after ${timeoutMs} ms` }
        : opened === undefined
          ? {}
          : await closeOpened(opened, deadline)
    await deadline.of(this.#published.close())
    const { offered, stored, rejected } = this.#counters
    const unsequenced = uncopied ?? left.unsequenced
    return {
      stored,
      rejected,
      unanswered: offered - stored - rejected,
      ...left,
      ...(unsequenced !== undefined && { unsequenced }),
    }
  }
}

/** `sqlite` is what is there without it. */
function addressIn(env: NodeJS.ProcessEnv): string | undefined {
  const address = env['AUDITPROOF_STORE'] ?? ''
  return address === '' || address === 'sqlite' ? undefined : address
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
