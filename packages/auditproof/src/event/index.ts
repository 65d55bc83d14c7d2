export { parseAddress, parseNetwork, unmapNetwork, type Network } from './address.ts'
export { canonicalize } from './canonical.ts'
export { diffStates } from './changes.ts'
export type { ClearMembers } from './clear.ts'
export { saysTheSame } from './content.ts'
export {
  boundValue,
  decodeDisclosure,
  disclosureDigest,
  groups,
  peekGroup,
  type Disclosure,
  type Group,
  type Salt,
} from './disclosure.ts'
export { decodeEntry, encodeEntry, type Entry } from './entry.ts'
export { eraseAction, formatErased, parseErased, type ErasedContent } from './erasure.ts'
export type {
  Actor, ActorInput, AuditEvent, Change, Context, EventInput, Origin, Outcome, Producer, Reason, Reference, Severity,
  Submission,
} from './event.ts' // prettier-ignore
export { flags, type Flag } from './flags.ts'
export { eventMembers, groupValues, openDisclosures, type GroupValues, type OpenedGroups } from './groups.ts'
export { uuidv7, uuidv8 } from './id.ts'
export type { Json, JsonObject } from './json.ts'
export { compareKeys } from './key-order.ts'
export { limits } from './limits.ts'
export { parseJson } from './parse-json.ts'
export { parseSubmission } from './parse-submission.ts'
export { formatRollback, parseRollback, rollbackAction, type RolledBackLog } from './rollback.ts'
export { formatReference, parseReference } from './reference.ts'
export {
  addressKey, commonOutcome, commonSeverity, erasedKey, foldText, keyBeginningUnitsMax, keyText, laterSearchKeys, nameMark, referenceKey, searchKeys,
  searchKinds, searchTexts, typeMark, wordsIn, type SearchKind,
} from './search-keys.ts' // prettier-ignore
export { sealEvent, type SealedEvent } from './seal.ts'
export {
  metaTenant, systemTenant, takeSubmission, unassignedTenant, type Stamp, type TakenSubmission,
} from './submission.ts' // prettier-ignore
export { submissionFromText } from './submission-from-text.ts'
export { summaryOf, type Summary } from './summary.ts'
export { formatTime, microseconds, parseTime, sortableTime } from './time.ts'
