import { isIP } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tries } from '../../test/effort.ts'
import { parseAddress, parseNetwork } from './address.ts'

test('reads the addresses that Node reads, but for zones', () => {
  const texts = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string({ unit: fc.constantFrom(...'0123456789abcdefF:.:.:'.split('')), maxLength: 24 }),
    fc
      .tuple(fc.ipV6(), fc.nat(40), fc.constantFrom(':', '.', '0', 'g', ''))
      .map(([ip, at, unit]) => ip.slice(0, at) + unit + ip.slice(at + 1)),
  )
  fc.assert(
    fc.property(texts, (text) => {
      expect(parseAddress(text)?.length).toBe({ 0: undefined, 4: 4, 6: 16 }[isIP(text)])
    }),
    { numRuns: tries(20_000, 5_000) },
  )
})

test('reads the bytes', () => {
  expect(parseAddress('203.0.113.9')).toEqual(Uint8Array.of(203, 0, 113, 9))
  expect(parseAddress('::')).toEqual(new Uint8Array(16))
  expect(parseAddress('2001:db8::1')).toEqual(Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1))
  expect(parseAddress('::ffff:10.0.0.1')).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1))
})

test('a network has as many bits as it says, an address all', () => {
  expect(parseNetwork('10.0.0.0/8')?.bits).toBe(8)
  expect(parseNetwork('::/0')?.bits).toBe(0)
  expect(parseNetwork('10.0.0.1')?.bits).toBe(32)
  expect(parseNetwork('::1')?.bits).toBe(128)
  for (const text of ['10.0.0.0/', '10.0.0.0/33', '10.0.0.0/08', '10.0.0.0/-1', '::/129', '10.0.0.0/8/8', 'x/8', ''])
    expect(parseNetwork(text)).toBeUndefined()
})
