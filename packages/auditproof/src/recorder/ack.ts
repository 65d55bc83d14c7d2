/** What `record()` resolves with. */
import { encodeHex } from '../log/index.ts'
import type { AppendOutcome } from '../store/store.ts'

export interface Ack {
  id: string
  tenant: string
  /** Durable, in the log or (without an index) in `pending` · in the local spool · part of the application's transaction. */
  state: 'stored' | 'spooled' | 'in-transaction'
  /** Origin of the log. */
  log?: string
  /** Position in the log, from 0. */
  index?: number
  /** Hex of the leaf hash: what an inclusion proof proves. */
  leafHash?: string
  /** The id was in the log already, with the same content. */
  duplicate?: true
  /**
   * Resolves when the event lies under a published checkpoint. After a transaction that means: committed, and in its log.
   * Whether one was rolled back nobody tells, so it waits no longer than `timeoutMs` (`publishedTimeoutMs` when absent).
   * A method that is not enumerable: the ack as JSON, or spread, is without it.
   * @throws AuditError `not_published`, `closed`
   */
  published(options?: { timeoutMs?: number }): Promise<Published>
}

/** Where an event stands, and what proves it. */
export interface Published {
  /** Origin of the log. */
  log: string
  /** Position in the log, from 0. */
  index: number
  /** Hex of the leaf hash. */
  leafHash: string
  /** Of the checkpoint, which is larger than the index. */
  treeSize: number
  /** The signed note. */
  checkpoint: string
}

/** @param timeoutMs default `publishedTimeoutMs` */
export type AwaitPublished = (event: { id: string; tenant: string }, timeoutMs?: number) => Promise<Published>

export const storedAck = (
  id: string,
  outcome: AppendOutcome & { state: 'stored' },
  awaitPublished: AwaitPublished,
): Ack =>
  withPublished(
    {
      id,
      tenant: outcome.tenant,
      state: 'stored',
      log: outcome.log,
      index: outcome.index,
      leafHash: encodeHex(outcome.leafHash),
      ...(outcome.duplicate && { duplicate: true as const }),
    },
    awaitPublished,
  )

/** Durable where a process that may append finds it: the index comes with `published()`. */
export const pendingAck = (event: { id: string; tenant: string }, awaitPublished: AwaitPublished): Ack =>
  withPublished({ id: event.id, tenant: event.tenant, state: 'stored' }, awaitPublished)

export const transactionAck = (event: { id: string; tenant: string }, awaitPublished: AwaitPublished): Ack =>
  withPublished({ id: event.id, tenant: event.tenant, state: 'in-transaction' }, awaitPublished)

function withPublished(ack: Omit<Ack, 'published'>, awaitPublished: AwaitPublished): Ack {
  const { id, tenant } = ack
  const published: Ack['published'] = ({ timeoutMs } = {}) => awaitPublished({ id, tenant }, timeoutMs)
  return Object.defineProperty(ack, 'published', { value: published }) as Ack
}
