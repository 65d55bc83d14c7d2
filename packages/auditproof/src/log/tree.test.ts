import { expect, test } from 'vitest'
import { consistency, inclusion, leavesUpTo, treeHash } from '../../test/vectors/rfc6962.ts'
import type { Hash } from './hash.ts'
import { consistencyPlan, inclusionPlan, proofFromNodes, proveConsistency, proveInclusion } from './proof.ts'
import { type Node, hashOfNodes, nodesOfRange, nodesOfRoot } from './subtree.ts'
import { appendAllToEdge, appendToEdge, edgeOf, emptyEdge, rootFromLeaves, rootOf } from './tree.ts'

const sizeMax = 64
const leaves = leavesUpTo(sizeMax)
const completeHashes = [0, 1, 2, 3, 4, 5, 6].map((level) =>
  Array.from({ length: sizeMax / 2 ** level }, (_, i) => treeHash(leaves.slice(i * 2 ** level, (i + 1) * 2 ** level))),
)
const hashOfNode = ({ level, index }: Node): Hash => completeHashes[level]![index]!
const plain = (hashes: readonly Hash[]) => hashes.map((hash) => new Uint8Array(hash))

test('the root of every tree up to 64 leaves is that of RFC 6962, however it grew', () => {
  let oneByOne = emptyEdge
  for (let size = 0; size <= sizeMax; size++) {
    const expected = treeHash(leaves.slice(0, size))
    expect(new Uint8Array(rootOf(oneByOne))).toEqual(expected)
    expect(new Uint8Array(rootFromLeaves(leaves.slice(0, size)))).toEqual(expected)
    expect(new Uint8Array(rootOf(edgeOf(size, nodesOfRoot(size).map(hashOfNode))))).toEqual(expected)
    if (size < sizeMax) oneByOne = appendToEdge(oneByOne, leaves[size]!)
  }
})

test('appending leaves the old edge as it was', () => {
  const before = appendAllToEdge(emptyEdge, leaves.slice(0, 7))
  appendAllToEdge(before, leaves.slice(7, 20))
  expect(new Uint8Array(rootOf(before))).toEqual(treeHash(leaves.slice(0, 7)))
})

test('appending tells of each complete subtree once, when its last leaf is there', () => {
  const seen: string[] = []
  const edge = appendAllToEdge(emptyEdge, leaves.slice(0, 5))
  appendAllToEdge(edge, leaves.slice(5, 8), (level, index, hash) => {
    seen.push(`${level}/${index}`)
    expect(new Uint8Array(hash)).toEqual(hashOfNode({ level, index }))
  })
  expect(seen).toEqual(['1/2', '1/3', '2/1', '3/0'])
})

test('every proof in trees up to 64 leaves is that of RFC 6962, planned or read', () => {
  for (let size = 1; size <= sizeMax; size++) {
    const tree = leaves.slice(0, size)
    for (let index = 0; index < size; index++) {
      const expected = inclusion(index, tree).map(({ hash }) => hash)
      expect(plain(proveInclusion(index, size, hashOfNode))).toEqual(expected)
      const plan = inclusionPlan(index, size)
      expect(plain(proofFromNodes(plan, plan.flat().map(hashOfNode)))).toEqual(expected)
      const from = index + 1
      const older = consistencyPlan(from, size)
      const olderExpected = consistency(from, tree).map(({ hash }) => hash)
      expect(plain(proveConsistency(from, size, hashOfNode))).toEqual(olderExpected)
      expect(plain(proofFromNodes(older, older.flat().map(hashOfNode)))).toEqual(olderExpected)
    }
  }
})

test('sizes up to 2^53-1 are counted exactly', () => {
  const size = Number.MAX_SAFE_INTEGER
  const nodes = nodesOfRoot(size)
  expect(nodes).toHaveLength(53)
  expect(nodes.at(-1)).toEqual({ level: 0, index: size - 1 })
  expect(nodes.reduce((sum, { level }) => sum + 2 ** level, 0)).toBe(size)
  expect(inclusionPlan(size - 1, size)).toHaveLength(52)
  expect(consistencyPlan(2 ** 52, size)).toHaveLength(1)
  const edge = appendToEdge(
    edgeOf(
      2 ** 40 + 2,
      nodesOfRoot(2 ** 40 + 2).map((_, i) => leaves[i]!),
    ),
    leaves[2]!,
  )
  expect(edge.size).toBe(2 ** 40 + 3)
  expect(edge.hashes).toHaveLength(3)
})

test('any range of leaves is a row of complete subtrees', () => {
  expect(nodesOfRange({ start: 5, end: 13 })).toEqual([
    { level: 0, index: 5 },
    { level: 1, index: 3 },
    { level: 2, index: 2 },
    { level: 0, index: 12 },
  ])
  expect(nodesOfRange({ start: 4, end: 4 })).toEqual([])
  expect(new Uint8Array(hashOfNodes([]))).toEqual(treeHash([]))
})
