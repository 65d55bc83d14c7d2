import { expect, test } from 'vitest'
import { SharedIds } from './shared-ids.ts'

const line = (text: string): Uint8Array => Buffer.from(text)

test('an id is shared when another line has it, and the same line again is the same event', () => {
  const ids = new SharedIds()
  expect(ids.isShared('a', line('1'))).toBe(false)
  expect(ids.isShared('b', line('2'))).toBe(false)
  expect(ids.isShared('a', line('3'))).toBe(true)
  expect(ids.isShared('a', line('1'))).toBe(false)
})

test('no more ids are remembered than the limit', () => {
  const ids = new SharedIds(2)
  for (const id of ['a', 'b', 'c']) ids.isShared(id, line(id))
  expect(ids.isShared('a', line('other'))).toBe(false)
  expect(ids.isShared('c', line('other'))).toBe(true)
})
