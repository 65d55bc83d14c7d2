/**
 * A store that was taken back to an earlier copy is whole: every proof in it holds. It shows to whoever has something
 * newer, a checkpoint or the state of the signer; where nobody has, the report says that this was not checked.
 */
import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyStore } from '../../src/evidence/index.ts'
import type { VerifyStoreOptions } from '../../src/evidence/index.ts'
import type { VerifyReport } from '../../src/verify/index.ts'
import { prepareStore, type Copy, type Prepared } from './prepare.ts'
import { storeOverDatabase } from './store-over-database.ts'

let prepared: Prepared
beforeAll(async () => void (prepared = await prepareStore(8)))
afterAll(() => rmSync(prepared.directory, { recursive: true }))

async function verify({ file }: Copy, options: VerifyStoreOptions = {}): Promise<VerifyReport> {
  using db = new DatabaseSync(file, { readOnly: true })
  return await verifyStore(storeOverDatabase(db), { key: prepared.vkey, ...options })
}

/** Each copy with each that was made after it. */
const pairs = (): [older: Copy, newer: Copy][] =>
  prepared.copies.flatMap((older, i) => prepared.copies.slice(i + 1).map((newer): [Copy, Copy] => [older, newer]))

describe('an earlier copy of the store', () => {
  it('verifies, and says that rollback was not checked', async () => {
    for (const copy of prepared.copies)
      expect(await verify(copy)).toMatchObject({ verdict: 'verified', notChecked: ['rollback'] })
  })

  it('is tampered with for whoever holds one newer checkpoint, which names the log and where it ends', async () => {
    for (const [older, newer] of pairs())
      for (const { origin, published } of newer.heads) {
        const before = older.heads.find((head) => head.origin === origin)
        if (before?.published?.size === published!.size) continue // this log had not grown
        const report = await verify(older, { since: [published!.note] })
        expect(report.verdict).toBe('tampered')
        expect(report.notChecked).not.toContain('rollback')
        expect(report.checks.find(({ name }) => name === 'earlier checkpoints')).toMatchObject({ ok: false })
        const log = report.logs.find((one) => one.origin === origin)
        if (before !== undefined) expect(log).toMatchObject({ verdict: 'tampered', firstBad: before.size })
      }
  })

  it('is tampered with for the signer', async () => {
    for (const [older, newer] of pairs()) {
      const report = await verify(older, { signerStates: newer.signerStates })
      expect(report.verdict).toBe('tampered')
      expect(report.checks.find(({ name }) => name === 'signer')).toMatchObject({ ok: false })
    }
  })
})

describe('a store that went on', () => {
  it('extends each older checkpoint and state', async () => {
    for (const [older, newer] of pairs()) {
      const since = older.heads.map(({ published }) => published!.note)
      const report = await verify(newer, { since, signerStates: older.signerStates })
      expect(report.verdict).toBe('verified')
      const known = new Set(older.heads.map(({ tenant }) => tenant))
      const unknown = newer.heads
        .filter(({ tenant }) => !known.has(tenant) && tenant !== '_meta')
        .map(({ tenant }) => tenant)
      expect(report.notChecked).toEqual(unknown.length === 0 ? [] : [`rollback of ${unknown.join(', ')}`])
    }
  })

  it('is covered by an older checkpoint of the meta log, as far as that held the logs', async () => {
    const newest = prepared.copies.at(-1)!
    const meta = newest.heads.find(({ tenant }) => tenant === '_meta')!
    expect(await verify(newest, { since: [meta.published!.note] })).toMatchObject({
      verdict: 'verified',
      notChecked: [],
    })
  })

  it('is tampered with where an older checkpoint has another root, between the last good one and that', async () => {
    const [first, second] = prepared.copies
    const states = second!.signerStates.map((state) => ({ ...state, root: state.root.with(0, state.root[0]! ^ 1) }))
    const report = await verify(second!, { signerStates: states })
    expect(report.verdict).toBe('tampered')
    const sizeIn = (copy: Copy): number => copy.heads.find(({ tenant }) => tenant === 'lind')!.size
    expect(report.logs.find(({ tenant }) => tenant === 'lind')).toMatchObject({
      verdict: 'tampered',
      firstBad: [sizeIn(first!), sizeIn(second!)],
    })
  })
})
