import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAudit, type Audit } from '../audit.ts'
import type { Store } from '../store/store.ts'
import { memoryStore } from '../store/memory/index.ts'
import { listEvents, listRows, parseFilter, readEvent, type Filter, type Source } from './index.ts'

let audit: Audit
let store: Store
let source: Source

beforeAll(async () => {
  store = memoryStore({ name: `test-${randomBytes(4).toString('hex')}` })
  audit = createAudit({ store })
  source = { store, cursorKey: randomBytes(32) }
  for (let i = 0; i < 25; i++)
    await audit.record(i % 5 === 0 ? 'case.delete' : 'case.update', {
      id: `e${i}`,
      actor: `user/u_${i % 3}`,
      target: `case/c_${i}`,
    })
  await audit.record('case.update', { id: 'e3', tenant: 'other', actor: 'user/u_1' })
})
afterAll(() => audit.close())

test('an event reads as it was recorded, with its place', async () => {
  const { event } = await readEvent(store, { id: 'e4' })
  expect(event).toMatchObject({
    id: 'e4',
    tenant: 'default',
    index: 4,
    action: 'case.update',
    actor: { type: 'user', id: 'u_1' },
    targets: [{ type: 'case', id: 'c_4' }],
    erased: [],
  })
  expect(event.problem).toBeUndefined()
  expect((await readEvent(store, { index: 4, tenant: 'default' })).event).toEqual(event)
})

test('an id that several tenants have is refused with their names', async () => {
  await expect(readEvent(store, { id: 'e3' })).rejects.toThrow(/stands in 2 logs: of "default", "other"/)
  expect((await readEvent(store, { id: 'e3', tenant: 'other' })).event.index).toBe(0)
  await expect(readEvent(store, { id: 'nope' })).rejects.toMatchObject({ code: 'not_found' })
  await expect(readEvent(store, { index: 99, tenant: 'default' })).rejects.toMatchObject({ code: 'not_found' })
})

const filterOf = (given: Record<string, string>): Filter => parseFilter(given, Date.now())

test('pages follow each other without gap or repetition, under the query of the first', async () => {
  for (const given of [{ tenant: 'default' }, { tenant: 'default', action: 'case.update', actor: 'user/*' }, {}])
    for (const descending of [true, false]) {
      const filter = filterOf(given)
      const all = await listRows(source, { filter, descending, limit: 1_000 })
      const ids: string[] = []
      let cursor: string | undefined
      do {
        const page = await listRows(source, { filter, descending, limit: 4, cursor })
        ids.push(...page.rows.map(({ id, tenant }) => `${tenant}/${id}`))
        cursor = page.next
      } while (cursor !== undefined)
      expect(ids).toEqual(all.rows.map(({ id, tenant }) => `${tenant}/${id}`))
    }
})

test('a list of one tenant is what was there when it began', async () => {
  const filter = filterOf({ tenant: 'default' })
  const first = await listRows(source, { filter, limit: 20 })
  await audit.record('case.update', { id: 'late', occurredAt: '2026-01-01T00:00:00Z' })
  const second = await listRows(source, { filter, limit: 100, cursor: first.next })
  expect([...first.rows, ...second.rows]).toHaveLength(25)
  expect((await listRows(source, { filter, limit: 100 })).rows.at(-1)?.id).toBe('late')
})

test('whole events come in the order of the list', async () => {
  const { events } = await listEvents(source, { filter: filterOf({ tenant: 'default', action: 'case.delete' }) })
  expect(events.map(({ id }) => id)).toEqual(['e20', 'e15', 'e10', 'e5', 'e0'])
  expect(events[0]).toMatchObject({ actor: { id: 'u_2' }, targets: [{ id: 'c_20' }] })
})

test('a phrase is words in a row; the words alone may stand anywhere', async () => {
  await audit.record('note.add', { id: 'n1', details: { text: 'the Quick brown fox' } })
  await audit.record('note.add', { id: 'n2', details: { text: 'brown is the quick one' } })
  while ((await store.buildIndex()) > 0);
  const idsFor = async (q: string): Promise<string[]> =>
    (await listRows(source, { filter: filterOf({ q }) })).rows.map(({ id }) => id).toSorted()
  expect(await idsFor('quick brown')).toEqual(['n1', 'n2'])
  expect(await idsFor('"quick brown"')).toEqual(['n1'])
  expect(await idsFor('"quick bro"*')).toEqual(['n1'])
  expect(await idsFor('quick -fox')).toEqual(['n2'])
})

test('a cursor belongs to its list, its tenant and its order', async () => {
  const { next } = await listRows(source, { filter: filterOf({ tenant: 'default' }), limit: 2 })
  const cursor = next!
  await expect(listRows(source, { filter: filterOf({ tenant: 'other' }), cursor })).rejects.toThrow(/another tenant/)
  await expect(listRows(source, { filter: filterOf({}), cursor })).rejects.toThrow(/another tenant/)
  const narrowed = filterOf({ tenant: 'default', action: 'x' })
  await expect(listRows(source, { filter: narrowed, cursor })).rejects.toThrow(/another query/)
  const backwards = { filter: filterOf({ tenant: 'default' }), cursor, descending: false }
  await expect(listRows(source, backwards)).rejects.toThrow(/another direction/)
})

test('a cursor of a store that had more is ahead, not at an end', async () => {
  const filter = filterOf({ tenant: 'default' })
  const { next } = await listRows(source, { filter, limit: 2 })
  const older = { store: memoryStore({ name: 'older' }), cursorKey: source.cursorKey }
  await expect(listRows(older, { filter, cursor: next })).rejects.toMatchObject({ code: 'cursor_ahead' })
})

test('a cursor of which any bit is flipped, or that another key signed, is refused', async () => {
  const filter = filterOf({ tenant: 'default' })
  const { next } = await listRows(source, { filter, limit: 2 })
  const bytes = Buffer.from(next!, 'base64url')
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes)
    flipped[bit >> 3]! ^= 1 << (bit & 7)
    const cursor = flipped.toString('base64url')
    await expect(listRows(source, { filter, cursor }), `bit ${bit}`).rejects.toMatchObject({ code: 'usage' })
  }
  const others = { store, cursorKey: randomBytes(32) }
  await expect(listRows(others, { filter, cursor: next })).rejects.toMatchObject({ code: 'usage' })
})

test.each(['', 'x', 'e30', 'bm90IGpzb24', '%%'])('refuses the cursor %j', async (cursor) => {
  await expect(listRows(source, { filter: filterOf({}), cursor })).rejects.toMatchObject({ code: 'usage' })
})

test('a limit below one becomes one', async () => {
  expect((await listRows(source, { filter: filterOf({ tenant: 'default' }), limit: -1 })).rows).toHaveLength(1)
})
