/** The contract suite: every driver is held to the same claims. */
import { claimsOn, type StoreHarness } from './harness.ts'
import { appendClaims } from './store/append.ts'
import { closeClaims } from './store/close.ts'
import { eraseClaims } from './store/erase.ts'
import { indexRowClaims } from './store/index-rows.ts'
import { listClaims } from './store/list.ts'
import { metaClaims } from './store/meta.ts'
import { pendingClaims } from './store/pending.ts'
import { publishClaims } from './store/publish.ts'
import { readClaims } from './store/read.ts'
import { repeatClaims } from './store/repeat.ts'
import { tileClaims } from './store/tile.ts'
import { twoWritersClaims } from './store/two-writers.ts'
import type { TestTools } from './tools.ts'

/** @param tools `{ describe, it, expect }` of vitest, or of another runner with the same ones */
export function testStore(name: string, harness: StoreHarness, tools: TestTools): void {
  const claims = claimsOn(harness, tools)
  tools.describe(`store contract: ${name}`, () => {
    tools.describe('append', () => appendClaims(claims))
    tools.describe('append again', () => repeatClaims(claims))
    tools.describe('two writers', () => twoWritersClaims(claims))
    tools.describe('pending', () => pendingClaims(claims))
    tools.describe('erase', () => eraseClaims(claims))
    tools.describe('publish', () => publishClaims(claims))
    tools.describe('meta log', () => metaClaims(claims))
    tools.describe('tiles', () => tileClaims(claims))
    tools.describe('read', () => readClaims(claims))
    tools.describe('list', () => listClaims(claims))
    tools.describe('index', () => indexRowClaims(claims))
    tools.describe('close', () => closeClaims(claims))
  })
}
