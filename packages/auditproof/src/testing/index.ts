/** auditproof/testing: what a driver of the store contract is held to, and what tests of applications need. */
export { EventMaker } from './event-maker.ts'
export type { StoreHarness } from './harness.ts'
export { TestSigner } from './signing.ts'
export { testStore } from './test-store.ts'
export { TestSources } from './test-sources.ts'
export type { Expectation, TestTools } from './tools.ts'
