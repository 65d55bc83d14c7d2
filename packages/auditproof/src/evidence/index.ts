/** auditproof/evidence: what leaves a store so that others can check it, and the check of the store itself. */
export { makeReceipt, type ReceiptOf, type ReceiptOptions } from './receipt.ts'
export type { VerifyStoreOptions } from './checked-store.ts'
export { writeTiles, type WriteTilesOptions, type WrittenTiles } from './tiles.ts'
export { verifyStore } from './verify-store.ts'
