/**
 * auditproof/verify: believes nothing but a pinned key. Pure, synchronous but for signatures, runs in a browser, cannot
 * sign.
 */
export { FeedCheck } from './feed-check.ts'
export { checkNames, Findings, type CheckName, type Finding } from './findings.ts'
export { IndexCheck, type DerivedNode, type Family, type NodeProblem } from './index-check.ts'
export { LeafCheck, type Difference } from './leaf-check.ts'
export {
  LogCheck,
  type Announcement,
  type LogChunk,
  type LogRest,
  type MetaNote,
  type RollbackRecord,
} from './log-check.ts'
export { NodeCheck } from './node-check.ts'
export { openSignedNote, parsePinnedKey, verifierFor, type PinnedKey, type SignedNote } from './policy.ts'
export { formatReceipt, parseReceipt, verifyReceipt, type Receipt } from './receipt.ts'
export { worstVerdict } from './report.ts'
export type { Check, FirstBad, LogReport, ReceiptEvent, ReceiptReport, Verdict, VerifyReport } from './report.ts'
export type {
  ContentRow, EntryRow, ErasureRow, FeedEntry, IndexClaim, LogClaim, NodeRow, PostingRow, TileRow,
} from './rows.ts' // prettier-ignore
export type { Commitment } from './tree-check.ts'
