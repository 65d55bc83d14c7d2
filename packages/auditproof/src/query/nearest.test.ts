import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

test('the nearest word is near, or there is none', () => {
  expect(nearest('lgo', ['log', 'show'])).toBe('log')
  expect(nearest('xyz', ['log', 'show'])).toBeUndefined()
})
