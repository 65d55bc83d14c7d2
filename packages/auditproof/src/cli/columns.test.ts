import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutTo, fillTo, widthOf } from './columns.ts'

test('wide characters take two cells, combining ones none', () => {
  expect(widthOf('abc')).toBe(3)
  expect(widthOf('日本')).toBe(4)
  expect(widthOf('é')).toBe(1)
  expect(widthOf('e\u0301')).toBe(1)
  expect(widthOf('😀')).toBe(2)
})

test('a text that is cut and filled has exactly the width', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 40 }), (text, width) => {
      expect(widthOf(cutTo(text, width))).toBeLessThanOrEqual(width)
      expect(widthOf(fillTo(cutTo(text, width), width))).toBe(width)
    }),
  )
})
