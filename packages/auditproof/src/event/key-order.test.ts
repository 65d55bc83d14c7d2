import { expect, it } from 'vitest'
import { compareKeys } from './key-order.ts'

it('orders keys as their UTF-8 does, also beyond U+FFFF', () => {
  const keys = [
    '',
    'a',
    'a\u0001',
    'ab',
    'b',
    'é',
    '\ud7ff',
    '\ue000',
    '\uffef',
    '\u{10000}',
    '\u{10000}a',
    '\u{10ffff}',
  ]
  for (const a of keys)
    for (const b of keys)
      expect(Math.sign(compareKeys(a, b)), JSON.stringify([a, b])).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
})
