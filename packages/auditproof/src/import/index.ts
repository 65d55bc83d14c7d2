/** Import: events of other systems, with their originals. */
export {
  importKinds,
  openImport,
  type ImportedEvent,
  type ImportItem,
  type ImportKind,
  type ImportOptions,
  type MalformedRecord,
} from './open-import.ts'
export { runImport, type ImportCounts, type RunImportOptions } from './run.ts'
export { importLimits } from './limits.ts'
export { importedId, type RecordIdentity, type SourceIdentity } from './identity.ts'
export { keepOriginal, restoreOriginal, type KeptText, type Original } from './original.ts'
export { parseTenantFrom, type TenantOf } from './tenant.ts'
