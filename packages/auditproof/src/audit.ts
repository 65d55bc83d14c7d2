/** Wiring: `createAudit` puts store, signer, sequencer and recorder together. */
import { createHmac, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { closeOpened, problemOf, type Left, type Opened } from './closing.ts'
import { AuditError } from './errors.ts'
import type { EventInput } from './event/index.ts'
import { isKeyName, sameHash } from './log/index.ts'
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
import { fileSigner } from './sequencer/file-signer.ts'
import { openSecret } from './sequencer/key-file.ts'
import { sequencerLimits } from './sequencer/limits.ts'
import { memorySigner } from './sequencer/memory-signer.ts'
import {
  history, listEvents, parseFilter, survey, who, type EventPage, type ListRequest, type SurveyReport, type SurveyRequest,
  type WhoReport,
} from './reader/index.ts' // prettier-ignore
import { Followers, type Following, type FollowOptions } from './reader/follow/follow.ts'
import { Indexing } from './sequencer/indexing.ts'
import { Publisher, rolledBack } from './sequencer/publisher.ts'
import type { Signer } from './sequencer/signer.ts'
import { makeDirectory } from './store/sqlite/directory.ts'
import { sqliteStore } from './store/sqlite/index.ts'
import type { AppendOutcome, Store } from './store/store.ts'

export interface AuditOptions {
  /** Directory of store, keys and state. Default `auditproof-data`, or AUDITPROOF_DATA. */
  data?: string
  /** A store of one's own, closed with the audit; else SQLite in `data`. */
  store?: Store
  /** Where events go that name no tenant: 'default'. `null`: there is none, and they go to `_unassigned`. */
  tenant?: string | null
  /** Reject events without a tenant instead of recording them under `_unassigned`. */
  tenantRequired?: boolean
  /**
   * Name of the store, unique in the world: it prefixes the names of its logs. A new one gets it (a random one when
   * absent); one that has another name is refused, with `usage`.
   */
  origin?: string
  /**
   * A signer, closed with the audit, or the directory where its key and state lie; else `data`. With a store of one's own
   * and neither signer nor data the key lives as long as the audit: for tests.
   */
  signer?: string | Signer
  /** Which program records, in clear and for ever: letters, digits and `._:-`. */
  producer?: string
}

export interface Audit extends Recorder {
  /**
   * A recorder inside a transaction of the application: the event exists if and only if that commits. Its `record()`
   * writes one row and resolves with `in-transaction`; on an SQLite handle it returns the ack, and throws.
   * @param tx of pg, postgres.js, Kysely, Drizzle, Knex, Prisma, or a handle of node:sqlite or better-sqlite3
   * @throws AuditError `usage` for anything else
   */
  in(handle: SqliteHandle): SynchronousRecorder
  in(tx: object): Recorder
  /**
   * Begins a transaction, runs `fn` in it, commits, or rolls back when that throws. A plain `record()` in its course joins,
   * however deep; where one fails, nothing commits. Inside another one on the same `db` it is part of that.
   * On an SQLite handle all of it is synchronous, `fn` too.
   * @throws AuditError `usage`, `transaction_failed`, and what `fn` and the database throw
   */
  transaction<R>(handle: SqliteHandle, fn: (tx: SqliteHandle) => R): R
  transaction<Db extends object, R>(db: Db, fn: (tx: TransactionOf<Db>) => R | Promise<R>): Promise<R>
  /**
   * For the start of a program: what transactions of a process before this one left in the file of an SQLite handle is in
   * the logs when it resolves. Without it, that happens when the handle is first used.
   */
  attach(handle: SqliteHandle): Promise<void>
  /** Inside `fn`, and in whatever it starts, every event has this context. */
  run<R>(context: AuditContext, fn: () => R): R
  /** Resolves when store and signer are open; `record()` need not wait for it. */
  ready(): Promise<void>
  /** Puts a signed checkpoint over all that is stored. */
  publish(): Promise<void>
  /** The store and the signer, for reading and verifying. */
  opened(): Promise<Opened>
  /**
   * Every event in order, of one tenant as soon as it is durable, of all tenants as they come under a checkpoint; goes on
   * until `signal` is aborted or the audit is closed. Other processes' events come too.
   * @throws AuditError `usage` for a cursor or a filter that is none
   */
  follow(wanted?: Wanted, options?: Omit<FollowOptions, 'filter'>): Promise<Following>
  /**
   * A page of events, newest first unless asked otherwise; `next` leads to the one after it.
   * @throws AuditError `usage` for a filter or a cursor that is none, `cursor_ahead`
   */
  list(wanted?: Wanted, options?: Omit<ListRequest, 'filter'>): Promise<EventPage>
  /** How many, of what, and when: within a bound, newest first. */
  survey(wanted?: Wanted, options?: Omit<SurveyRequest, 'filter'>): Promise<SurveyReport>
  /** All that happened to a target, newest first. @param target `type/id`, an id, or a name */
  history(target: string, options?: Omit<ListRequest, 'filter'> & { tenant?: string }): Promise<EventPage>
  /** Who ended or changed it last. */
  who(target: string, options?: { tenant?: string; limit?: number }): Promise<WhoReport>
  /** Records what the system itself does, in the reserved tenant `_system`. */
  readonly system: Recorder
  health(): Health
  /**
   * Answers what was accepted, publishes it, closes, all within `timeoutMs` (10 s when absent); the report says what was
   * not done by then. Later events are rejected. A second call is fine.
   */
  close(options?: { timeoutMs?: number }): Promise<CloseReport>
  [Symbol.asyncDispose](): Promise<void>
}

/** As it was when the deadline had passed, or before that everything was done. */
export interface CloseReport extends Left {
  stored: number
  rejected: number
  /** Accepted, but not answered within the deadline: they are answered later, with a place or with `closed`. */
  unanswered: number
}

/** What is looked for, by name: `tenant`, `actor`, `action` …, `since`, `until`, and `q` for the search grammar. */
export type Wanted = { readonly [name: string]: string }

/** Opens in the background; the first events wait for it. @throws AuditError `usage` for options without meaning */
export function createAudit(options: AuditOptions = {}): Audit {
  return new WiredAudit(options)
}

class WiredAudit implements Audit {
  readonly system: Recorder
  readonly #options: AuditOptions
  readonly #data: string
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
    this.#options = options
    this.#data = resolve(options.data ?? process.env['AUDITPROOF_DATA'] ?? 'auditproof-data')
    this.#queue = new Queue((batch) => this.#append(batch))
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
      idKey: () => (this.#idKey ??= this.#openIdKey()),
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
    const signer = await this.#openSigner()
    let store: Store | undefined
    try {
      this.#checkOrigin(signer)
      store = this.#options.store ?? (await this.#openStore(signer.name))
      if (store.name !== signer.name)
        throw new AuditError('key_mismatch', `The key is that of ${signer.name}, the store is ${store.name}.`, {
          hint: 'name the directory of the right key with --signer',
        })
      await refuseOlderCopy(store, signer)
    } catch (error) {
      // What was given stays open: it is needed when opening is tried again.
      if (signer !== this.#options.signer) await signer.close()
      if (store !== this.#options.store) await store?.close()
      throw error
    }
    const publisher = new Publisher(store, signer, sequencerLimits, () => this.#published.nudge())
    publisher.nudge() // a process before this one may have died between storing and publishing
    const indexing = new Indexing(store)
    indexing.nudge() // and between storing and indexing
    const cursorKey = this.#cursorKey()
    const followers = new Followers(store, cursorKey)
    const working = { store, signer, publisher, published: this.#published, indexing, followers, cursorKey }
    const draining = new Draining(store, (outcomes) => this.#appended(working, outcomes))
    if (store.isShared) draining.nudge() // and somebody may have committed while nobody drained
    return { ...working, draining }
  }

  /** The key has the name of the store. One that is there keeps it: events must not go where nobody meant them to. */
  #checkOrigin({ name }: Signer): void {
    const { origin } = this.#options
    if (origin !== undefined && origin !== name)
      throw new AuditError('usage', `The store in ${this.#data} is named ${name}, not ${origin}.`, {
        hint: 'leave origin out: a store keeps its name',
      })
  }

  #openSigner(): Promise<Signer> {
    const { signer, store, origin } = this.#options
    if (typeof signer === 'object') return Promise.resolve(signer)
    if (store !== undefined && signer === undefined && this.#options.data === undefined)
      return Promise.resolve(memorySigner(store.name))
    const directory = resolve(signer ?? this.#data)
    makeDirectory(directory)
    // A store that is there has a key; a new one in its place could sign nothing that anybody trusts.
    const isNew = store === undefined && !existsSync(join(this.#data, storeFile))
    return fileSigner(
      directory,
      isNew ? (origin ?? `auditproof-${randomBytes(8).toString('hex')}`) : store?.name,
      this.#onTrouble,
    )
  }

  #openStore(name: string): Promise<Store> {
    makeDirectory(this.#data)
    // Made with the store and never again: ids derived from another key would no longer be found.
    this.#openIdKey()
    return sqliteStore({ path: join(this.#data, storeFile), name, onTrouble: this.#onTrouble })
  }

  /** A store of one's own may be anywhere: cursors of such a one are good in this process. */
  #cursorKey(): Uint8Array {
    return this.#options.store === undefined ? cursorKeyOf(this.#openIdKey()) : randomBytes(32)
  }

  readonly #onTrouble = (thread: string, trouble: AuditError | undefined): void => {
    if (trouble === undefined) this.#troubles.delete(thread)
    else this.#troubles.set(thread, trouble)
  }

  #openIdKey(): Uint8Array {
    if (this.#options.store !== undefined && this.#options.data === undefined) return randomBytes(32)
    try {
      const hasStore = this.#options.store !== undefined || existsSync(join(this.#data, storeFile))
      return openSecret(join(this.#data, importKeyFile), hasStore ? 'refuse' : 'make')
    } catch (error) {
      throw error instanceof AuditError ? error : unusable(this.#data, error)
    }
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

/** Cursors outlive a process, as the key does that lies beside the store. */
export const cursorKeyOf = (importKey: Uint8Array): Uint8Array =>
  createHmac('sha256', importKey).update('auditproof cursors').digest()

export const storeFile = 'audit.db'
export const importKeyFile = 'import.key'

/**
 * The signer remembers how large each log was. A store with less is an older copy: appending to it would fork history.
 * @throws AuditError `store_rolled_back`
 */
async function refuseOlderCopy(store: Store, signer: Signer): Promise<void> {
  // The states first: another process may append and sign in between, and then the store has more, never less.
  const states = await signer.states()
  const heads = new Map((await store.heads()).map((head) => [head.origin, head]))
  for (const { origin, size, root } of states) {
    const found = heads.get(origin)
    if (found?.size === size && !sameHash(found.root, root))
      throw new AuditError('store_corrupt', `Refusing to append: the log ${origin} has another root than was signed.`, {
        hint: 'run auditproof verify',
      })
    if ((found?.size ?? 0) < size)
      throw new AuditError('store_rolled_back', `Refusing to append: ${rolledBack(origin, found?.size ?? 0, size)}.`, {
        hint: 'bring back the newest copy of the store; where there is none, auditproof restore --accept-rollback says what that means',
      })
  }
}

const unusable = (data: string, cause: unknown): AuditError =>
  new AuditError('store_unavailable', `The data directory ${data} cannot be used: ${messageOf(cause)}.`, {
    hint: 'check that it is a directory, that this user may write there, and that there is space',
    cause,
  })

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
