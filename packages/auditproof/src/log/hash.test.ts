import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { emptyRoot, leafHash, nodeHash, nodeHashAt, sameHash } from './hash.ts'
import { sha256 as bySha256Noble } from './sha256.noble.ts'
import { sha256 as bySha256Node } from './sha256.node.ts'

const reference = (...parts: readonly Uint8Array[]) =>
  new Uint8Array(createHash('sha256').update(Buffer.concat(parts)).digest())
const bytes = (length: number, seed = 7) => Uint8Array.from({ length }, (_, i) => (i * 31 + seed) & 0xff)

test('a leaf hash is that of 0x00 and the entry, for entries of any size', () => {
  for (const length of [0, 1, 600, 8_190, 8_191, 8_192, 65_535])
    expect(new Uint8Array(leafHash(bytes(length)))).toEqual(reference(Uint8Array.of(0), bytes(length)))
})

test('a node hash is that of 0x01, left and right, and never that of a leaf', () => {
  const left = bytes(32, 1)
  const right = bytes(32, 2)
  const pair = new Uint8Array([9, ...left, ...right])
  const expected = reference(Uint8Array.of(1), left, right)
  expect(new Uint8Array(nodeHash(left, right))).toEqual(expected)
  expect(new Uint8Array(nodeHashAt(pair, 1))).toEqual(expected)
  expect(sameHash(leafHash(pair.subarray(1)), expected)).toBe(false)
})

test('a node is made of whole hashes', () => {
  for (const length of [0, 31, 33]) expect(() => nodeHash(bytes(length), bytes(32))).toThrow('bug')
})

test('a hash keeps its value when the next one is made', () => {
  const first = leafHash(bytes(10))
  const kept = new Uint8Array(first)
  leafHash(bytes(20))
  nodeHash(first, first)
  expect(new Uint8Array(first)).toEqual(kept)
})

test('the hash of an empty tree is that of nothing', () => {
  expect(new Uint8Array(emptyRoot())).toEqual(reference())
})

test('hashes of different length are not the same', () => {
  expect(sameHash(bytes(32), bytes(31))).toBe(false)
})

test('Node and browsers hash alike', () => {
  for (const length of [0, 1, 55, 56, 64, 65, 1_000])
    expect(new Uint8Array(bySha256Node(bytes(length)))).toEqual(new Uint8Array(bySha256Noble(bytes(length))))
})
