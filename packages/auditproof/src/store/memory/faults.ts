/** Switches that make a memory store fail as a real one does. Tests set them at will, also while writes are under way. */
import { setTimeout } from 'node:timers/promises'
import { AuditError } from '../../errors.ts'

export interface MemoryFaults {
  /** The next write fails with this before it commits: nothing of it is stored. Once. */
  failNext?: 'disk_full' | 'store_unavailable' | undefined
  /** The next write commits, and its caller is told `outcome_unknown`. Once. */
  loseNextReply?: boolean | undefined
  /** How long each write takes, milliseconds. */
  delayMs?: number | undefined
  /** A constraint refuses the event with this id. */
  rejectId?: string | undefined
}

/** Everything before the commit has gone well; from here on the store may still fail. */
export async function beforeCommit(faults: MemoryFaults): Promise<void> {
  if (faults.delayMs !== undefined) await setTimeout(faults.delayMs)
  const code = faults.failNext
  if (code === undefined) return
  faults.failNext = undefined
  throw new AuditError(code, code === 'disk_full' ? 'The disk is full.' : 'The store cannot be reached.')
}

export function afterCommit(faults: MemoryFaults): void {
  if (faults.loseNextReply !== true) return
  faults.loseNextReply = undefined
  throw new AuditError('outcome_unknown', 'The reply was lost after the commit.', { hint: 'append the same ids again' })
}
