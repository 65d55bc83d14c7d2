import { ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519.js'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { publicKeyOf, seedOf, signEd25519 } from '../../test/vectors/ed25519-signer.ts'
import { AuditError } from '../errors.ts'
import { encodeBase64 } from './base64.ts'
import { isGoodPublicKey, verifyEd25519 } from './ed25519.ts'
import { decodeHex } from './hex.ts'
import { formatKeyId, formatVkey, keyIdOf, parseVkey, signatureTypes, vkeyFor } from './key.ts'
import { formatSkey, parseSkey } from './skey.ts'

const publicKey = publicKeyOf(seedOf(1))
const refused = (act: () => unknown) => {
  expect(act).toThrow(AuditError)
  expect(act).toThrow(expect.objectContaining({ code: 'key_malformed' }))
}

test('a vkey is read as it is written, for both types', () => {
  for (const type of Object.values(signatureTypes)) {
    const key = vkeyFor('example.org/log', publicKey, type)
    expect(parseVkey(formatVkey(key))).toEqual(key)
  }
})

test('one key has an id of its own under each name and type', () => {
  const ids = [vkeyFor('a', publicKey), vkeyFor('b', publicKey), vkeyFor('a', publicKey, signatureTypes.cosignature)]
  expect(new Set(ids.map(({ keyId }) => keyId)).size).toBe(3)
})

test('refuses a vkey in any other form', () => {
  const good = formatVkey(vkeyFor('example.org/log', publicKey))
  const id = formatKeyId(vkeyFor('example.org/log', publicKey).keyId)
  const withBytes = (bytes: Uint8Array) =>
    `n+${formatKeyId(keyIdOf('n', signatureTypes.ed25519, bytes.subarray(1)))}+${encodeBase64(bytes)}`
  parseVkey(withBytes(Uint8Array.of(1, ...publicKey)))
  for (const vkey of [
    '',
    'example.org/log',
    good.replace(id, '00000000'),
    good.replace(id, id.toUpperCase() === id ? `0${id}` : id.toUpperCase()),
    good.replace(id, id.slice(1)),
    good.replace('example.org', 'example.com'),
    good.replace('example.org', 'example org'),
    `${good}\n`,
    ` ${good}`,
    `${good}=`,
    withBytes(Uint8Array.of(1, ...publicKey.subarray(1))),
    withBytes(Uint8Array.of(1, ...publicKey, 0)),
    withBytes(Uint8Array.of(2, ...publicKey)),
    withBytes(Uint8Array.of(6, ...publicKey)),
    withBytes(new Uint8Array(0)),
  ])
    refused(() => parseVkey(vkey))
  for (const name of ['', 'a b', 'a+b', 'a\u00a0b', 'a\u2003', 'a\nb', 'a\u0000', 'a\u0085', '\ud800'])
    refused(() => vkeyFor(name, publicKey))
})

test('refuses public keys of low order and in a second spelling', () => {
  expect(isGoodPublicKey(publicKey)).toBe(true)
  expect(ED25519_TORSION_SUBGROUP).toHaveLength(8)
  for (const point of ED25519_TORSION_SUBGROUP) {
    const key = decodeHex(point)!
    expect(isGoodPublicKey(key), point).toBe(false)
    const otherSign = key.with(31, key[31]! ^ 0x80)
    expect(isGoodPublicKey(otherSign), `${point} with the other sign`).toBe(false)
    refused(() => vkeyFor('weak', key))
  }
  // y from p = 2^255-19 to 2^255-1, with both signs: the values that have two spellings.
  for (let last = 0xed; last <= 0xff; last++)
    for (const top of [0x7f, 0xff]) {
      const key = new Uint8Array(32).fill(0xff).with(0, last).with(31, top)
      expect(isGoodPublicKey(key)).toBe(false)
    }
  expect(isGoodPublicKey(publicKey.subarray(1))).toBe(false)
})

test('a signer key is read as it is written, and its bytes are in no message', () => {
  const key = { name: 'example.org/log', type: signatureTypes.ed25519, keyId: 0x0123abcd, seed: seedOf(3) }
  const skey = formatSkey(key)
  expect(skey.startsWith('PRIVATE+KEY+example.org/log+0123abcd+')).toBe(true)
  expect(parseSkey(skey)).toEqual(key)
  const secret = skey.split('+').at(-1)!
  for (const bad of [
    '',
    skey.slice(1),
    `${skey}A`,
    skey.slice(0, -4),
    skey.replace('abcd', 'ABCD'),
    skey.replace('+AQ', '+Aw'),
  ]) {
    refused(() => parseSkey(bad))
    expect(() => parseSkey(bad)).not.toThrow(secret.slice(4, 20))
  }
})

describe.each(['WebCrypto', 'no WebCrypto'])('Ed25519 with %s', (how) => {
  afterEach(() => vi.unstubAllGlobals())

  async function load(): Promise<typeof verifyEd25519> {
    if (how === 'WebCrypto') return verifyEd25519
    vi.resetModules()
    vi.stubGlobal('crypto', undefined)
    return (await import('./ed25519.ts')).verifyEd25519
  }

  test('takes a good signature and no other', async () => {
    const verify = await load()
    const message = new TextEncoder().encode('text\n')
    const signature = signEd25519(seedOf(1), message)
    expect(await verify(publicKey, message, signature)).toBe(true)
    expect(await verify(publicKeyOf(seedOf(2)), message, signature)).toBe(false)
    expect(await verify(publicKey, message.subarray(1), signature)).toBe(false)
    expect(await verify(publicKey, message, signature.with(5, signature[5]! ^ 1))).toBe(false)
    expect(await verify(publicKey, message, signature.with(63, signature[63]! | 0xe0))).toBe(false)
    expect(await verify(publicKey, message, signature.subarray(1))).toBe(false)
    expect(await verify(publicKey.subarray(1), message, signature)).toBe(false)
    expect(await verify(new Uint8Array(32).fill(2), message, signature)).toBe(false)
  })

  test('refuses S + L, the second spelling of a signature', async () => {
    const verify = await load()
    const message = new TextEncoder().encode('text\n')
    const signature = signEd25519(seedOf(1), message)
    const order = 2n ** 252n + 27742317777372353535851937790883648493n
    let s = order
    for (let i = 0; i < 32; i++) s += BigInt(signature[32 + i]!) << BigInt(8 * i)
    const second = new Uint8Array(signature)
    for (let i = 0; i < 32; i++) second[32 + i] = Number((s >> BigInt(8 * i)) & 0xffn)
    expect(await verify(publicKey, message, second)).toBe(false)
  })
})
