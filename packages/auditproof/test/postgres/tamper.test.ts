/**
 * Nothing that is changed in a store in PostgreSQL goes unseen, by a superuser who has switched the guards off: the
 * tamperings of `test/tamper`, and those that only these tables allow. Verified through a login of an application.
 *
 * AUDITPROOF_TAMPERINGS sets how many, AUDITPROOF_SEED which.
 */
import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyStore, type VerifyStoreOptions } from '../../src/evidence/index.ts'
import { postgres } from '../../src/store/postgres/index.ts'
import { random } from '../../src/testing/random.ts'
import type { VerifyReport } from '../../src/verify/index.ts'
import { tries } from '../effort.ts'
import { mustSee } from '../tamper/must-see.ts'
import { openUnguarded, prepareStore, type Prepared } from '../tamper/prepare.ts'
import type { Expected } from '../tamper/tampering.ts'
import { tamperings } from '../tamper/tamperings.ts'
import { World } from '../tamper/world.ts'
import { Mirror, NotHere } from './mirror.ts'
import { newStoreDatabase, type StoreDatabase } from './store-database.ts'

const count = Number(process.env['AUDITPROOF_TAMPERINGS'] ?? tries(2 * tamperings.length, 40))
const seed = Number(process.env['AUDITPROOF_SEED'] ?? Math.floor(Math.random() * 2 ** 32))

let prepared: Prepared
let db: DatabaseSync
let database: StoreDatabase
let mirror: Mirror
beforeAll(async () => {
  prepared = await prepareStore()
  db = openUnguarded(prepared.file)
  database = await newStoreDatabase()
  mirror = await Mirror.over(database)
  await mirror.hold(db)
})
afterAll(async () => {
  db.close()
  rmSync(prepared.directory, { recursive: true })
  await database.drop()
})

/** What was read before the tampering is not asked again: each time another store. */
async function verify(options: VerifyStoreOptions = {}): Promise<VerifyReport> {
  const store = await postgres(database.appUrl, { connections: 1, listen: false }).openToRead()
  try {
    return await verifyStore(store, { key: prepared.vkey, ...options })
  } finally {
    await store.close()
  }
}

describe('a store in PostgreSQL', () => {
  it('verifies with the rows of the one in SQLite', async () => {
    expect(await verify()).toMatchObject({ verdict: 'verified' })
  })

  it(
    `shows each of ${count} tamperings (seed ${seed})`,
    async () => {
      console.log(`tamperings: ${count}, AUDITPROOF_SEED=${seed}`)
      const chance = random(seed)
      const seen = new Set<string>()
      const notHere = new Set<string>()
      for (let n = 0; n < count; n++) {
        // Each once, where there is time for all.
        const isEach = count >= tamperings.length && n < tamperings.length
        const tampering = tamperings[isEach ? n : chance.below(tamperings.length)]!
        let expected: Expected | undefined
        db.exec('BEGIN')
        try {
          expected = await tampering.apply(new World(db, chance, prepared))
          if (expected !== undefined) await mirror.hold(db)
        } catch (error) {
          if (!(error instanceof NotHere)) throw error
          notHere.add(`${tampering.name}: ${error.message}`)
          expected = undefined
        } finally {
          db.exec('ROLLBACK')
        }
        if (expected === undefined) continue
        await mustSee(`tampering ${n} of seed ${seed}: ${tampering.name}, ${expected.what}`, expected, () => verify())
        seen.add(tampering.name)
        await mirror.hold(db)
      }
      if (count >= tamperings.length) {
        console.log(`seen: ${seen.size} of ${tamperings.length} kinds; not possible here:`, [...notHere])
        expect(seen.size).toBeGreaterThan(tamperings.length - 12)
      }
      expect((await verify()).verdict).toBe('verified')
    },
    30 * 60_000,
  )

  describe('shows what only months make possible', () => {
    const other = '2001-01-01'
    const where = 'log = $1 AND idx = 3'
    const moves: [name: string, sql: string[]][] = [
      ['an entry that names another month', [`UPDATE auditproof.entry SET month = '${other}' WHERE ${where}`]],
      ['content in another month', [`UPDATE auditproof.content SET month = '${other}' WHERE ${where}`]],
      ['both moved to another month', ['entry', 'content'].map((table) => `UPDATE auditproof.${table} SET month = '${other}' WHERE ${where}`)], // prettier-ignore
      [
        'other content in another month, and an entry that names that',
        [
          `INSERT INTO auditproof.content SELECT (json_populate_record(c, json_build_object('month', '${other}', 'disclosures', 'x'))).* FROM auditproof.content AS c WHERE ${where}`,
          `UPDATE auditproof.entry SET month = '${other}' WHERE ${where}`,
        ],
      ],
    ]

    it.each(moves)('%s', async (name, statements) => {
      const { log, origin } = await logOf('lind')
      const [{ month }] = (await database.query(`SELECT month::text FROM auditproof.entry WHERE ${where}`, [log])) as [{ month: string }] // prettier-ignore
      for (const sql of statements) await database.query(sql, [log])
      const report = await verify()
      // As it was: the true content is the one that was there before.
      await database.query(`UPDATE auditproof.entry SET month = '${month}' WHERE ${where}`, [log])
      await database.query(`DELETE FROM auditproof.content WHERE ${where} AND disclosures = 'x'`, [log])
      await database.query(`UPDATE auditproof.content SET month = '${month}' WHERE ${where}`, [log])
      expect(report.verdict, name).toBe('tampered')
      expect(report.logs.find((one) => one.origin === origin)).toMatchObject({ verdict: 'tampered', firstBad: 3 })
      expect((await verify()).verdict).toBe('verified')
    })

    it('and nothing in another month stands before the true content', async () => {
      const { log } = await logOf('lind')
      const copy = (month: string): string =>
        `INSERT INTO auditproof.content SELECT (json_populate_record(c, json_build_object('month', '${month}', 'actor', 'user/nobody', 'disclosures', 'x'))).* FROM auditproof.content AS c WHERE ${where} AND disclosures <> 'x'`
      const listed = async (): Promise<unknown> => {
        const store = await postgres(database.appUrl, { listen: false }).openToRead()
        const { rows } = await store.list({
          conditions: [],
          tenant: 'lind',
          order: 'time',
          descending: false,
          limit: 100,
        })
        const entries = await store.entries(Number(log), 3, 4)
        await store.close()
        return [rows, entries]
      }
      const before = await listed()
      await database.query(copy(other), [log])
      await database.query(copy('2999-01-01'), [log])
      expect(await listed()).toEqual(before)
      expect((await verify()).verdict).toBe('verified')
      await database.query(`DELETE FROM auditproof.content WHERE ${where} AND disclosures = 'x'`, [log])
    })
  })

  describe('shows what a role may do that it should not', () => {
    const lind = "(SELECT log FROM auditproof.log WHERE tenant = 'lind')"
    const acts: [kind: 'sequencer' | 'eraser', done: string, undone: string][] = [
      ['sequencer', `INSERT INTO auditproof.entry SELECT log, 9999, month, 'made-up', leaf_hash, entry FROM auditproof.entry WHERE log = ${lind} AND idx = 0`, "DELETE FROM auditproof.entry WHERE id = 'made-up'"],
      ['sequencer', `UPDATE auditproof.head SET size = size + 1 WHERE log = ${lind}`, `UPDATE auditproof.head SET size = size - 1 WHERE log = ${lind}`],
      ['sequencer', `UPDATE auditproof.head SET root = sha256(root) WHERE log = ${lind}`, ''],
      ['sequencer', `UPDATE auditproof.head SET note = replace(note, E'\\n', E'\\n ') WHERE log = ${lind}`, `UPDATE auditproof.head SET note = replace(note, E'\\n ', E'\\n') WHERE log = ${lind}`],
      ['sequencer', `UPDATE auditproof.posting SET offsets = offsets || '01' WHERE log = ${lind} AND leaf = 0`, `UPDATE auditproof.posting SET offsets = left(offsets, -2) WHERE log = ${lind} AND leaf = 0`],
      ['sequencer', `INSERT INTO auditproof.posting VALUES (${lind}, 0, 'xnobody', '01')`, "DELETE FROM auditproof.posting WHERE key = 'xnobody'"],
      ['sequencer', `UPDATE auditproof.node SET top = NOT top WHERE log = ${lind}`, `UPDATE auditproof.node SET top = NOT top WHERE log = ${lind}`],
      ['sequencer', `INSERT INTO auditproof.erasure VALUES (${lind}, 1, 'actor', 2)`, "DELETE FROM auditproof.erasure WHERE idx = 1 AND by_idx = 2"],
      ['sequencer', `INSERT INTO auditproof.feed SELECT max(position) + 1, ${lind}, 0, 1 FROM auditproof.feed`, 'DELETE FROM auditproof.feed WHERE position = (SELECT max(position) FROM auditproof.feed)'],
      ['sequencer', `INSERT INTO auditproof.tile VALUES (${lind}, 5, 0, 'x', 'x')`, 'DELETE FROM auditproof.tile WHERE level = 5'],
      ['sequencer', `INSERT INTO auditproof.checkpoint VALUES (${lind}, 99999, 99998, 'x', '')`, 'DELETE FROM auditproof.checkpoint WHERE size = 99999'],
      ['sequencer', "WITH made AS (INSERT INTO auditproof.log (tenant, origin, created_at) VALUES ('shadow', 'shadow', '') RETURNING log) INSERT INTO auditproof.head (log, size, root, recorded_at) SELECT log, 0, sha256(''), '' FROM made", "DELETE FROM auditproof.head WHERE log = (SELECT log FROM auditproof.log WHERE tenant = 'shadow'); DELETE FROM auditproof.log WHERE tenant = 'shadow'"],
      ['eraser', `WITH claim AS (INSERT INTO auditproof.erasure VALUES (${lind}, 1, 'actor', 2)) DELETE FROM auditproof.content WHERE log = ${lind} AND idx = 1`, 'DELETE FROM auditproof.erasure WHERE idx = 1 AND by_idx = 2'],
    ] // prettier-ignore

    it.each(acts)('the %s: %s', async (kind, done, undone) => {
      const roots = await database.query('SELECT log, root FROM auditproof.head')
      const contents = await database.query(`SELECT to_json(c)::text AS row FROM auditproof.content AS c WHERE log = ${lind} AND idx = 1`) // prettier-ignore
      const client = new pg.Client({ connectionString: database.urlOf(kind) })
      await client.connect()
      try {
        await client.query(done)
      } finally {
        await client.end()
      }
      const report = await verify()
      if (undone !== '') await database.query(undone)
      for (const { log, root } of roots) await database.query('UPDATE auditproof.head SET root = $2 WHERE log = $1', [log, root]) // prettier-ignore
      await database.query('INSERT INTO auditproof.content SELECT * FROM json_populate_record(NULL::auditproof.content, $1) ON CONFLICT DO NOTHING', [contents[0]!['row']]) // prettier-ignore
      expect(report.verdict).toBe('tampered')
      expect((await verify()).verdict).toBe('verified')
    })
  })

  it('that was taken back to an earlier copy shows it to whoever has something newer', async () => {
    const newest = prepared.copies.at(-1)!
    for (const { file } of prepared.copies.slice(0, -1)) {
      using copy = new DatabaseSync(file, { readOnly: true })
      await mirror.hold(copy)
      expect(await verify()).toMatchObject({ verdict: 'verified', notChecked: ['rollback'] })
      expect((await verify({ signerStates: newest.signerStates })).verdict).toBe('tampered')
      const since = newest.heads.flatMap(({ published }) => published?.note ?? [])
      expect((await verify({ since })).verdict).toBe('tampered')
    }
    await mirror.hold(db)
    expect((await verify({ signerStates: newest.signerStates })).verdict).toBe('verified')
  })

  const logOf = async (tenant: string): Promise<{ log: unknown; origin: unknown }> =>
    (await database.query('SELECT log, origin FROM auditproof.log WHERE tenant = $1', [tenant]))[0] as never
})
