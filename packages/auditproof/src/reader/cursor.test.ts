import { expect, test } from 'vitest'
import { limits } from '../event/index.ts'
import { parseQuery, queryLimits } from '../query/index.ts'
import { memoryStore } from '../store/memory/index.ts'
import { EventMaker, TestSources } from '../testing/index.ts'
import { appendAll } from '../testing/store/whole-log.ts'
import { formatCursor, parseCursor, type Cursor } from './cursor.ts'
import { formatFollowCursor, parseFollowCursor } from './follow/position.ts'
import { listEvents } from './list.ts'

const key = new Uint8Array(32).fill(7)
const tenant = '木'.repeat(limits.tenantUnitsMax)

test('the next of a page is taken back, of the longest query for the longest tenant too', async () => {
  const store = memoryStore({ name: 'cursor.example' })
  await appendAll(store, new EventMaker(new TestSources()).makeMany(3, { tenant }))
  const query = parseQuery(`-${'木'.repeat(queryLimits.queryUnitsMax - 1)}`)
  const read = async (cursor?: string) =>
    listEvents({ store, cursorKey: key }, { filter: { query, tenant }, limit: 2, cursor })
  const { events, next } = await read()
  expect(events).toHaveLength(2)
  expect(next!.length).toBeGreaterThan(16_384)
  expect((await read(next)).events).toHaveLength(1)
})

test.each(['木', '\0', '\ud800', 'a"\\'])('no cursor that is made is too long to be read: of %j', (unit) => {
  const fill = (units: number): string => unit.repeat(units).slice(0, units)
  const most = Number.MAX_SAFE_INTEGER
  const cursor: Cursor = {
    query: fill(queryLimits.queryUnitsMax),
    tenant: fill(limits.tenantUnitsMax),
    order: 'index',
    descending: false,
    now: -most,
    below: most,
    after: { at: -most, log: most, index: most },
  }
  expect(parseCursor(formatCursor(cursor, key), key)).toEqual(cursor)
  const at = { row: most, index: most }
  expect(parseFollowCursor(formatFollowCursor(cursor.tenant, at, key), cursor.tenant, key)).toEqual(at)
})

test('a cursor of a list is none of a stream, nor the other way round', () => {
  const listed = formatCursor(
    { query: '', order: 'time', descending: true, now: 0, after: { at: 0, log: 1, index: 0 } },
    key,
  )
  expect(() => parseFollowCursor(listed, undefined, key)).toThrow(/no cursor of a live stream/)
  expect(() => parseCursor(formatFollowCursor(undefined, { row: 1, index: 0 }, key), key)).toThrow(
    /no cursor of a list/,
  )
})
