/** Import: events of other systems, with their originals. */
export {
  openImport,
  type ImportedEvent,
  type ImportedRecord,
  type ImportItem,
  type ImportOptions,
  type MalformedRecord,
} from './open-import.ts'
export { importKinds, type ImportKind } from './kinds.ts'
export { parseMapping, type Mapping } from './mapping.ts'
export { runImport, type ImportCounts, type ImportReport, type RunImportOptions } from './run.ts'
export { importLimits } from './limits.ts'
export { importedId, type RecordIdentity, type SourceIdentity } from './identity.ts'
export { keepOriginal, restoreOriginal, type KeptText, type Original } from './original.ts'
export { parseTenantFrom, type TenantOf } from './tenant.ts'
