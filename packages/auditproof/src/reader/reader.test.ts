import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAudit, type Audit } from '../audit.ts'
import type { Store } from '../store/store.ts'
import { memoryStore } from '../store/memory/index.ts'
import { listEvents, listRows, readEvent } from './index.ts'

let audit: Audit
let store: Store

beforeAll(async () => {
  store = memoryStore({ name: `test-${randomBytes(4).toString('hex')}` })
  audit = createAudit({ store })
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

test('pages follow each other without gap or repetition, under the filter of the first', async () => {
  for (const filter of [{ tenant: 'default' }, { tenant: 'default', action: 'case.update', actor: 'user/*' }, {}]) {
    const all = await listRows(store, { filter, limit: 1_000 })
    const ids: string[] = []
    let cursor: string | undefined
    do {
      const page = await listRows(store, { filter: cursor === undefined ? filter : {}, limit: 4, cursor })
      ids.push(...page.rows.map(({ id, tenant }) => `${tenant}/${id}`))
      cursor = page.next
    } while (cursor !== undefined)
    expect(ids).toEqual(all.rows.map(({ id, tenant }) => `${tenant}/${id}`))
  }
})

test('whole events come in the order of the list', async () => {
  const { events } = await listEvents(store, { filter: { tenant: 'default', action: 'case.delete' } })
  expect(events.map(({ id }) => id)).toEqual(['e20', 'e15', 'e10', 'e5', 'e0'])
  expect(events[0]).toMatchObject({ actor: { id: 'u_2' }, targets: [{ id: 'c_20' }] })
})

test('a cursor belongs to its list, and to a log that is large enough', async () => {
  const { next } = await listRows(store, { filter: { tenant: 'default' }, limit: 2 })
  await expect(listRows(store, { filter: { tenant: 'other' }, cursor: next })).rejects.toThrow(/another tenant/)
  const ahead = Buffer.from(JSON.stringify({ v: 1, filter: { tenant: 'default' }, before: ['', 1, 999] })).toString(
    'base64url',
  )
  await expect(listRows(store, { filter: {}, cursor: ahead })).rejects.toMatchObject({ code: 'cursor_ahead' })
})

test.each([
  '',
  'x',
  'e30',
  'bm90IGpzb24',
  Buffer.from('{"v":1,"filter":{"sql":"1"},"before":["",1,2]}').toString('base64url'),
])('refuses the cursor %j', async (cursor) => {
  await expect(listRows(store, { filter: {}, cursor })).rejects.toMatchObject({ code: 'usage' })
})

test('a limit below one becomes one', async () => {
  expect((await listRows(store, { filter: { tenant: 'default' }, limit: -1 })).rows).toHaveLength(1)
})
