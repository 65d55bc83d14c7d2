import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isStorable } from '../event/text.ts'
import { keepOriginal, restoreOriginal } from './original.ts'

const keep = (text: string, bytesMax?: number): ReturnType<typeof keepOriginal> =>
  keepOriginal(text, Buffer.from(text), bytesMax)

test('an original comes back to the byte, and a store need not change it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const kept = keep(text)
      expect(Buffer.compare(restoreOriginal(kept)!, Buffer.from(text))).toBe(0)
      expect(isStorable(typeof kept === 'string' ? kept : 'base64' in kept ? kept.base64 : '\0')).toBe(true)
    }),
  )
})

test('text that a store would change is kept as base64', () => {
  expect(keep('{"a":"x"}\r')).toBe('{"a":"x"}\r')
  expect(keep('{"a":"\u007F"}')).toEqual({ base64: Buffer.from('{"a":"\u007F"}').toString('base64') })
  expect(keep('\u0085')).toHaveProperty('base64')
})

test('an original above the limit keeps its size, its hash and a head of whole characters', () => {
  const text = `ab${'ë'.repeat(10)}`
  const sha256 = createHash('sha256').update(text).digest('hex')
  expect(keep(text, 22)).toBe(text)
  expect(keep(text, 5)).toEqual({ bytes: 22, sha256, head: 'abë' })
  expect(restoreOriginal(keep(text, 5))).toBeUndefined()
  expect(keep(`\u0001${text}`, 6)).toMatchObject({
    bytes: 23,
    head: { base64: Buffer.from('\u0001abë').toString('base64') },
  })
})

test('the largest original kept whole fits into one string of an event, as base64 too', () => {
  const kept = keep('\u007F'.repeat(48 * 1024)) as { base64: string }
  expect(kept.base64.length).toBeLessThanOrEqual(64 * 1024)
})
