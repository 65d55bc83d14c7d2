import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { decodeHex, encodeHex } from './hex.ts'

const native = Object.getOwnPropertyDescriptor(Uint8Array.prototype, 'toBase64')
const nativeFrom = Object.getOwnPropertyDescriptor(Uint8Array, 'fromBase64')

afterEach(() => {
  if (native) Object.defineProperty(Uint8Array.prototype, 'toBase64', native)
  if (nativeFrom) Object.defineProperty(Uint8Array, 'fromBase64', nativeFrom)
})

async function load(how: string) {
  vi.resetModules()
  if (how !== 'as this runtime has it') {
    Reflect.deleteProperty(Uint8Array.prototype, 'toBase64')
    Reflect.deleteProperty(Uint8Array, 'fromBase64')
  }
  return import('./base64.ts')
}

describe.each(['as this runtime has it', 'without Uint8Array.prototype.toBase64'])('base64, %s', (how) => {
  test('encodes as everybody does, and decodes what it encodes', async () => {
    const { decodeBase64, decodeBase64url, encodeBase64, encodeBase64url } = await load(how)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20_000 }), (bytes) => {
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
        expect(encodeBase64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
        expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes)
        expect(decodeBase64url(encodeBase64url(bytes))).toEqual(bytes)
      }),
    )
  })

  test('refuses every second spelling', async () => {
    const { decodeBase64, decodeBase64url } = await load(how)
    for (const text of [
      'YQ',
      'YQ=',
      'YR==',
      'YWJ=',
      'YQ==\n',
      ' YQ==',
      'Y Q==',
      'YQ==YQ==',
      '=',
      '_-8=',
      'YQ==A',
      '\u2014',
      'a',
    ])
      expect(decodeBase64(text), text).toBeUndefined()
    for (const text of ['YQ==', 'YR', '+/8', 'Y Q', 'YQ\n', 'a', '='])
      expect(decodeBase64url(text), text).toBeUndefined()
  })

  test('reads no text twice: what decodes is what encodes', async () => {
    const { decodeBase64, encodeBase64 } = await load(how)
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'AQRZaz09+/= \n-_'.split('')), maxLength: 12 }), (text) => {
        const bytes = decodeBase64(text)
        if (bytes !== undefined) expect(encodeBase64(bytes)).toBe(text)
      }),
    )
  })
})

test('hexadecimal is lower-case and of whole bytes', () => {
  expect(encodeHex(Uint8Array.of(0, 10, 255))).toBe('000aff')
  expect(decodeHex('000aff')).toEqual(Uint8Array.of(0, 10, 255))
  for (const text of ['0', '0A', 'g0', ' 00', '0x00', '00\n']) expect(decodeHex(text), text).toBeUndefined()
})
