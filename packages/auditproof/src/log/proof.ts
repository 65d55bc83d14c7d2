/**
 * Inclusion and consistency proofs: RFC 6962 §2.1.1 and §2.1.2, checked as in RFC 9162 §2.1.3.2 and §2.1.4.2.
 *
 * Proving is split from reading. `inclusionPlan` and `consistencyPlan` say, for each element of the proof, from which
 * complete subtrees it is folded; whoever stores the tree fetches `plan.flat()`, all at once and asynchronously if it
 * likes, and `proofFromNodes` makes the proof. `proveInclusion` and `proveConsistency` are both steps at once, for a
 * tree in memory.
 *
 * Checking believes nothing. What has not even the form of a proof is `proof_malformed`; what proves something else is
 * `proof_invalid`.
 */
import { AuditError, assert } from '../errors.ts'
import { isCount } from './decimal.ts'
import { type Hash, isHash, nodeHash, sameHash } from './hash.ts'
import { type Node, type Range, consistencyRanges, hashOfNodes, inclusionRanges, nodesOfRange } from './subtree.ts'

/** For each element of a proof, in order, the complete subtrees it is folded from, left to right. */
export type ProofPlan = readonly (readonly Node[])[]

/** The hash of a complete subtree, from a tree in memory. */
export type NodeReader = (node: Node) => Hash

export const inclusionPlan = (index: number, size: number): ProofPlan =>
  subtreeInclusionPlan(index, { start: 0, end: size })

/** That leaf `index` lies in a subtree of the tree: checked as inclusion of index - start in a tree of end - start. */
export function subtreeInclusionPlan(index: number, subtree: Range): ProofPlan {
  assert(isCount(index) && isCount(subtree.end), `an inclusion proof of ${index} in ${subtree.end}`)
  return inclusionRanges(index, subtree).map(nodesOfRange)
}

export function consistencyPlan(from: number, to: number): ProofPlan {
  assert(from > 0, 'a consistency proof from an empty tree proves nothing')
  return subtreeConsistencyPlan({ start: 0, end: from }, to)
}

/** That a tree of this size has this subtree. */
export function subtreeConsistencyPlan(subtree: Range, size: number): ProofPlan {
  assert(isCount(subtree.start) && isCount(subtree.end) && isCount(size), `a consistency proof up to ${size}`)
  return consistencyRanges(subtree, size).map(nodesOfRange)
}

/** The proof, from the hashes of `plan.flat()` in that order. */
export function proofFromNodes(plan: ProofPlan, hashes: readonly Hash[]): Hash[] {
  let at = 0
  const proof = plan.map((nodes) => hashOfNodes(hashes.slice(at, (at += nodes.length))))
  assert(at === hashes.length, `${hashes.length} hashes for a proof from ${at}`)
  return proof
}

export const proveInclusion = (index: number, size: number, read: NodeReader): Hash[] =>
  inclusionPlan(index, size).map((nodes) => hashOfNodes(nodes.map(read)))

export const proveConsistency = (from: number, to: number, read: NodeReader): Hash[] =>
  consistencyPlan(from, to).map((nodes) => hashOfNodes(nodes.map(read)))

export interface InclusionClaim {
  readonly leafHash: Hash
  readonly index: number
  readonly size: number
  readonly root: Hash
  readonly proof: readonly Hash[]
}

/** Returns if the leaf hash is at `index` in the tree of `size` leaves with this root; throws otherwise. */
export function checkInclusion({ leafHash, index, size, root, proof }: InclusionClaim): void {
  checkCounts([index, size])
  checkHashes([leafHash, root, ...proof])
  if (index >= size) throw new AuditError('proof_malformed', `index ${index} in a tree of ${size} leaves`)
  let fn = index
  let sn = size - 1
  let hash = leafHash
  for (const sibling of proof) {
    if (sn === 0) throw tooLong(proof)
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash)
      // A last node without a right sibling moves up unchanged.
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)]
    } else {
      hash = nodeHash(hash, sibling)
    }
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  if (sn !== 0) throw tooShort(proof)
  if (!sameHash(hash, root))
    throw new AuditError(
      'proof_invalid',
      `the leaf is not at index ${index} of the tree of ${size} leaves with this root`,
    )
}

export interface ConsistencyClaim {
  /** Size and root of the older tree. */
  readonly from: number
  readonly fromRoot: Hash
  /** Size and root of the newer tree. */
  readonly to: number
  readonly toRoot: Hash
  readonly proof: readonly Hash[]
}

/**
 * Returns if the newer tree begins with the older one; throws otherwise. Every tree begins with the empty one, so a
 * proof from size 0 says nothing about its root and is refused.
 */
export function checkConsistency({ from, fromRoot, to, toRoot, proof }: ConsistencyClaim): void {
  checkCounts([from, to])
  if (from === 0 || from > to) throw new AuditError('proof_malformed', `consistency from size ${from} to ${to}`)
  if (from === to) {
    if (proof.length > 0) throw tooLong(proof)
    if (!sameHash(fromRoot, toRoot)) throw new AuditError('proof_invalid', `two roots for one tree of ${to} leaves`)
    return
  }
  checkHashes([fromRoot, toRoot, ...proof])
  let fn = from - 1
  let sn = to - 1
  while (fn % 2 === 1) [fn, sn] = [(fn - 1) / 2, Math.floor(sn / 2)]
  // An older tree that is complete (fn is 0 now) stands for itself, else the proof begins with its last complete part.
  const path = fn === 0 ? [fromRoot, ...proof] : proof
  const first = path[0]
  if (first === undefined || proof.length === 0) throw tooShort(proof)
  let older = first
  let newer = first
  for (const sibling of path.slice(1)) {
    if (sn === 0) throw tooLong(proof)
    if (fn % 2 === 1 || fn === sn) {
      older = nodeHash(sibling, older)
      newer = nodeHash(sibling, newer)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)]
    } else {
      newer = nodeHash(newer, sibling)
    }
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  if (sn !== 0) throw tooShort(proof)
  if (!sameHash(older, fromRoot) || !sameHash(newer, toRoot))
    throw new AuditError('proof_invalid', `the tree of ${to} leaves does not begin with the tree of ${from} leaves`)
}

function checkCounts(counts: readonly number[]): void {
  for (const count of counts)
    if (!isCount(count)) throw new AuditError('proof_malformed', `${count} is not a size or an index`)
}

function checkHashes(hashes: readonly Hash[]): void {
  for (const hash of hashes)
    if (!isHash(hash)) throw new AuditError('proof_malformed', `a hash of ${hash.length} bytes`)
}

const tooLong = (proof: readonly Hash[]) => new AuditError('proof_malformed', `${proof.length} hashes are too many`)
const tooShort = (proof: readonly Hash[]) => new AuditError('proof_malformed', `${proof.length} hashes are too few`)
