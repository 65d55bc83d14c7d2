/** What an audit is to the application that has one. */
import type { Left, Opened } from './closing.ts'
import type { AuditContext } from './recorder/context.ts'
import type { Health } from './recorder/health.ts'
import type { Recorder } from './recorder/recorder.ts'
import type { SynchronousRecorder } from './recorder/transaction/recorder.ts'
import type { SqliteHandle } from './recorder/transaction/sqlite/handle.ts'
import type { TransactionOf } from './recorder/transaction/transaction-of.ts'
import type { Following, FollowOptions } from './reader/follow/follow.ts'
import type { EventPage, ListRequest, SurveyReport, SurveyRequest, WhoReport } from './reader/index.ts'
import type { Signer } from './sequencer/signer.ts'
import type { StoreSource } from './store/source.ts'
import type { Store } from './store/store.ts'

export interface AuditOptions {
  /** Directory of store, keys and state. Default `auditproof-data`, or AUDITPROOF_DATA. */
  data?: string
  /**
   * Where the trail lies: `postgres://user@host/database`, `postgres(pool)` of auditproof/postgres, or a store of one's own,
   * closed with the audit. Else AUDITPROOF_STORE, else SQLite in `data`.
   */
  store?: string | StoreSource | Store
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
   * and neither signer nor data the key lives as long as the audit: for tests. `false`: another process signs and publishes
   * what this one records.
   */
  signer?: string | Signer | false
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
