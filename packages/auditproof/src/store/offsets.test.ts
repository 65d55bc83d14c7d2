import { DatabaseSync } from 'node:sqlite'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeOffsets, encodeOffsets, leafWidth, OffsetSet } from './offsets.ts'
import { PostingRows } from './sqlite/postings.ts'

/** Offsets as they come: alone, side by side, in any order of both. */
const offsets = fc
  .array(fc.record({ gap: fc.integer({ min: 1, max: 40 }), run: fc.integer({ min: 1, max: 9 }) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((parts) => {
    const all: number[] = []
    let at = -1
    for (const { gap, run } of parts) {
      at += gap
      for (let i = 0; i < run; i++) all.push(at + i)
      at += run - 1
    }
    return all.filter((offset) => offset < leafWidth)
  })

test('what is encoded is decoded, as a list and as a set', () => {
  fc.assert(
    fc.property(offsets, (all) => {
      expect(decodeOffsets(encodeOffsets(all))).toEqual(all)
      const set = new OffsetSet().addText(encodeOffsets(all))
      expect([set.offsets(), set.size]).toEqual([all, all.length])
    }),
  )
})

test('appended piece by piece it is the same, and what all events have stays a few characters', () => {
  const db = new DatabaseSync(':memory:')
  db.exec(readFileSync(new URL('sqlite/schema.sql', import.meta.url), 'utf8'))
  const postings = new PostingRows(db)
  const stored = (key: string): string =>
    (db.prepare('SELECT offsets FROM posting WHERE key = ?').get(key) as { offsets: string }).offsets
  let n = 0
  fc.assert(
    fc.property(offsets, fc.infiniteStream(fc.integer({ min: 1, max: 7 })), (all, sizes) => {
      const key = `k${n++}`
      const pieces = sizes[Symbol.iterator]()
      for (let from = 0; from < all.length;) {
        const to = from + (pieces.next().value as number)
        const gathered = postings.of(1)
        for (const offset of all.slice(from, to)) gathered.addKeys(offset, [key])
        gathered.write()
        from = to
      }
      expect(decodeOffsets(stored(key))).toEqual(all)
    }),
  )
  for (let offset = 0; offset < leafWidth; offset++) {
    const gathered = postings.of(1)
    gathered.addKeys(offset, ['all'])
    gathered.write()
  }
  expect(stored('all')).toHaveLength(5)
  db.close()
})
