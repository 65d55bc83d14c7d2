/** auditproof: the audit trail that can be proved. */
export { createAudit, type Audit, type AuditOptions, type CloseReport, type Wanted } from './audit.ts'
export { AuditError, errorCodes, type ErrorCode } from './errors.ts'
export {
  limits,
  type Actor,
  type AuditEvent,
  type Change,
  type Context,
  type EventInput,
  type Json,
  type Outcome,
  type Reason,
  type Reference,
  type Severity,
} from './event/index.ts'
export type {
  EventPage, FacetName, Followed, Following, FollowOptions, ListRequest, ReadEvent, SurveyReport, SurveyRequest, WhoReport,
} from './reader/index.ts' // prettier-ignore
export type { Ack, Published } from './recorder/ack.ts'
export type { AuditContext } from './recorder/context.ts'
export type { Health } from './recorder/health.ts'
export type { Recorder } from './recorder/recorder.ts'
export type { SynchronousRecorder } from './recorder/transaction/recorder.ts'
export type { SqliteHandle } from './recorder/transaction/sqlite/handle.ts'
export type { TransactionOf } from './recorder/transaction/transaction-of.ts'
export type { Signer } from './sequencer/signer.ts'
export type { Store } from './store/store.ts'
