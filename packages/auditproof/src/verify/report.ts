/**
 * What a verification says. Three verdicts, because a check that could not be made is neither good nor bad: the third
 * is never shown as good.
 */
import type { AuditEvent, Group } from '../event/index.ts'

export type Verdict = 'verified' | 'tampered' | 'not-checkable'

/** One kind of check, over everything it was made on. */
export interface Check {
  name: string
  ok: boolean
  /** How much was checked, or what was found. */
  detail: string
}

/** An index, the indexes [from, to), or nothing that could be narrowed down. */
export type FirstBad = number | [from: number, to: number] | null

export interface LogReport {
  tenant: string
  origin: string
  /** Of the newest checkpoint; of the log itself while there is none. */
  size: number
  /** The root at that size as the entries give it, base64 as in checkpoints. */
  root: string
  firstBad: FirstBad
  reason: string | null
  verdict: Verdict
}

export interface VerifyReport {
  verdict: Verdict
  logs: LogReport[]
  /** What was left out, one entry each. `rollback` when nothing older was there to compare with. */
  notChecked: string[]
  checks: Check[]
}

export interface ReceiptReport {
  verdict: Verdict
  reason: string | null
  origin: string
  index: number
  /** Of the tree under the receipt's checkpoint. */
  size: number
  /** The event as far as it is disclosed. */
  event: ReceiptEvent
  /** Groups that the receipt leaves out. */
  withheld: Group[]
  /** Single changes that it leaves out, although the group of changes is there. */
  withheldChanges: number
  notChecked: string[]
  checks: Check[]
}

/** Members that stand in the entry, and those of the disclosed groups. */
export type ReceiptEvent = Pick<AuditEvent, ClearMember> & Partial<Omit<AuditEvent, ClearMember | 'tenant'>>

type ClearMember = 'id' | 'action' | 'outcome' | 'severity' | 'occurredAt' | 'recordedAt' | 'producer'

/** One that was tampered with outranks all; one that cannot be checked outranks the good ones. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('tampered')) return 'tampered'
  return verdicts.includes('not-checkable') || verdicts.length === 0 ? 'not-checkable' : 'verified'
}
