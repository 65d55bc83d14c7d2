/** Who builds the search index behind the log, and who erases, is alone: else words that are erased could be put back. */
import type { Tx } from './transaction.ts'

const lock = "hashtext('auditproof.index'), 0"

export async function waitForIndexLock(tx: Tx): Promise<void> {
  await tx.rows(`SELECT pg_advisory_xact_lock(${lock})`)
}

/** @returns false where another has it */
export async function takeIndexLock(tx: Tx): Promise<boolean> {
  const [row] = await tx.rows<{ taken: boolean }>(`SELECT pg_try_advisory_xact_lock(${lock}) AS taken`)
  return row!.taken
}
