/**
 * Nothing that is changed in a store goes unseen: chance chooses what an attacker does with the file, and the verifier
 * must say `tampered`, name the log, and point to the place.
 *
 * AUDITPROOF_TAMPERINGS sets how many, AUDITPROOF_SEED which.
 */
import { rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyStore } from '../../src/evidence/index.ts'
import { random } from '../../src/testing/random.ts'
import type { VerifyReport } from '../../src/verify/index.ts'
import { mustSee } from './must-see.ts'
import { openUnguarded, prepareStore, type Prepared } from './prepare.ts'
import { storeOverDatabase } from './store-over-database.ts'
import { tamperings } from './tamperings.ts'
import { World } from './world.ts'

const count = Number(process.env['AUDITPROOF_TAMPERINGS'] ?? 2 * tamperings.length)
const seed = Number(process.env['AUDITPROOF_SEED'] ?? Math.floor(Math.random() * 2 ** 32))

let prepared: Prepared
let db: DatabaseSync
beforeAll(async () => {
  prepared = await prepareStore()
  db = openUnguarded(prepared.file)
})
afterAll(() => {
  db.close()
  rmSync(prepared.directory, { recursive: true })
})

const verify = (): Promise<VerifyReport> => verifyStore(storeOverDatabase(db), { key: prepared.vkey })

describe('a store', () => {
  it('verifies as it was written, with the tail that is under no checkpoint named', async () => {
    const report = await verify()
    expect(report).toMatchObject({
      verdict: 'verified',
      notChecked: [
        'rollback',
        'not under a checkpoint yet: kranz from index 20',
        'words in the search index, not built yet: the newest 3 entries of kranz',
      ],
    })
    expect(report.checks.filter(({ ok }) => !ok)).toEqual([])
  })

  it(
    `shows each of ${count} tamperings (seed ${seed})`,
    async () => {
      console.log(`tamperings: ${count}, AUDITPROOF_SEED=${seed}`)
      const chance = random(seed)
      const untouched = new World(db, chance, prepared).fingerprint()
      const seen = new Map<string, number>()
      for (let n = 0; n < count;) {
        const tampering = tamperings[n < tamperings.length ? n : chance.below(tamperings.length)]!
        db.exec('BEGIN')
        try {
          const world = new World(db, chance, prepared)
          const expected = await tampering.apply(world)
          if (expected === undefined) continue // not possible here; chance goes on
          expect(world.fingerprint(), `${tampering.name}: ${expected.what} changed nothing`).not.toBe(untouched)
          await mustSee(`tampering ${n} of seed ${seed}: ${tampering.name}, ${expected.what}`, expected, verify)
          seen.set(tampering.name, (seen.get(tampering.name) ?? 0) + 1)
          n++
        } finally {
          db.exec('ROLLBACK')
        }
      }
      if (count >= 2 * tamperings.length)
        expect([...seen.keys()].sort()).toEqual(tamperings.map(({ name }) => name).sort())
      expect((await verify()).verdict).toBe('verified')
    },
    30 * 60_000,
  )
})
