/** What `record()` resolves with. */
import { encodeHex } from '../log/index.ts'
import type { AppendOutcome } from '../store/store.ts'

export interface Ack {
  id: string
  tenant: string
  /** Durable in the log · in the local spool · part of the application's transaction. */
  state: 'stored' | 'spooled' | 'in-transaction'
  /** Origin of the log. */
  log?: string
  /** Position in the log, from 0. */
  index?: number
  /** Hex of the leaf hash: what an inclusion proof proves. */
  leafHash?: string
  /** The id was in the log already, with the same content. */
  duplicate?: true
}

export const ackOf = (id: string, outcome: AppendOutcome & { state: 'stored' }): Ack => ({
  id,
  tenant: outcome.tenant,
  state: 'stored',
  log: outcome.log,
  index: outcome.index,
  leafHash: encodeHex(outcome.leafHash),
  ...(outcome.duplicate && { duplicate: true as const }),
})
