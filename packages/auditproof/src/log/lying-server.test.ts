/** A lying server passes no check: every single change to a proof, and to what it is said to prove, is noticed. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tries } from '../../test/effort.ts'
import { type Element, consistency, inclusion, leavesUpTo, treeHash } from '../../test/vectors/rfc6962.ts'
import { AuditError } from '../errors.ts'
import { decodeBase64url } from './base64.ts'
import type { Hash } from './hash.ts'
import { leafHash } from './hash.ts'
import { parseVkey } from './key.ts'
import { checkProofFile, parseProofFile } from './proof-file.ts'
import { checkConsistency, checkInclusion } from './proof.ts'
import { noteVerifier } from './verifier.ts'

/** Beyond a power of two in either form: each shape that a path can have. */
const sizeMax = tries(64, 40)
const leaves = leavesUpTo(sizeMax + 1)
const roots = leaves.map((_, size) => treeHash(leaves.slice(0, size)))
const stranger = treeHash([])

/** Throws unless `check` does so with one of the codes for a bad proof. */
function refused(check: () => void, what: () => string): void {
  try {
    check()
  } catch (error) {
    if (error instanceof AuditError && (error.code === 'proof_invalid' || error.code === 'proof_malformed')) return
    throw error
  }
  throw new Error(`passed: ${what()}`)
}

/** The same hash with one bit changed, in its first, a middle and its last byte. */
function* changedHashes(hash: Hash): Generator<Hash> {
  for (const at of [0, 13, hash.length - 1]) {
    const changed = new Uint8Array(hash)
    changed[at]! ^= 1 << (at % 8)
    yield changed
  }
  yield stranger
}

/** Every proof that differs in one step: an element changed, swapped, missing, put in, or of the wrong length. */
function* changedProofs(proof: readonly Hash[]): Generator<readonly Hash[]> {
  for (const [i, hash] of proof.entries()) {
    for (const changed of changedHashes(hash)) yield proof.with(i, changed)
    yield proof.with(i, hash.subarray(1))
    yield proof.toSpliced(i, 1)
    for (let j = i + 1; j < proof.length; j++) yield proof.with(i, proof[j]!).with(j, hash)
  }
  for (let i = 0; i <= proof.length; i++)
    for (const extra of [stranger, proof[i] ?? leaves[0]!]) yield proof.toSpliced(i, 0, extra)
}

// A million refusals: collecting their stacks would take longer than checking.
const { stackTraceLimit } = Error
beforeAll(() => {
  Error.stackTraceLimit = 0
})
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit
})

const sides = (elements: readonly Element[]) => elements.map(({ side }) => side).join()

describe('a lying server', () => {
  test('passes no check with an inclusion proof', () => {
    const sidesOf = new Map<string, string>()
    for (let size = 1; size <= sizeMax; size++)
      for (let index = 0; index < size; index++)
        sidesOf.set(`${index}/${size}`, sides(inclusion(index, leaves.slice(0, size))))
    let honest = 0
    let lies = 0
    const refusedLie = (claim: Parameters<typeof checkInclusion>[0]) => {
      lies++
      refused(
        () => checkInclusion(claim),
        () => JSON.stringify(claim),
      )
    }
    for (let size = 1; size <= sizeMax; size++) {
      for (let index = 0; index < size; index++) {
        const proof = inclusion(index, leaves.slice(0, size)).map(({ hash }) => hash)
        const claim = { leafHash: leaves[index]!, index, size, root: roots[size]!, proof }
        checkInclusion(claim)
        honest++
        for (const changed of changedProofs(proof)) refusedLie({ ...claim, proof: changed })
        for (const changed of changedHashes(claim.leafHash)) refusedLie({ ...claim, leafHash: changed })
        for (const changed of changedHashes(claim.root)) refusedLie({ ...claim, root: changed })
        for (let other = 0; other <= size; other++) if (other !== index) refusedLie({ ...claim, index: other })
        for (let other = 0; other <= sizeMax; other++) {
          if (other === size) continue
          refusedLie({ ...claim, root: roots[other]! })
          refusedLie({ ...claim, size: other, root: roots[other]! })
          // A size alone shows only by the sides of the path. It is bound to the root by the checkpoint's signature.
          if (sidesOf.get(`${index}/${other}`) !== sidesOf.get(`${index}/${size}`))
            refusedLie({ ...claim, size: other })
        }
        for (const wrong of [-1, 0.5, Number.NaN, 2 ** 53]) {
          refusedLie({ ...claim, index: wrong })
          refusedLie({ ...claim, size: wrong })
        }
      }
    }
    console.log(`inclusion: ${honest} proofs pass, ${lies} changes to them are refused`)
    expect(lies).toBeGreaterThan(100_000)
  })

  test('passes no check with a consistency proof', () => {
    const sidesOf = new Map<string, string>()
    for (let to = 1; to <= sizeMax; to++)
      for (let from = 1; from <= to; from++) sidesOf.set(`${from}/${to}`, sides(consistency(from, leaves.slice(0, to))))
    let honest = 0
    let lies = 0
    const refusedLie = (claim: Parameters<typeof checkConsistency>[0]) => {
      lies++
      refused(
        () => checkConsistency(claim),
        () => JSON.stringify(claim),
      )
    }
    for (let to = 1; to <= sizeMax; to++) {
      for (let from = 1; from <= to; from++) {
        const proof = consistency(from, leaves.slice(0, to)).map(({ hash }) => hash)
        const claim = { from, fromRoot: roots[from]!, to, toRoot: roots[to]!, proof }
        checkConsistency(claim)
        honest++
        for (const changed of changedProofs(proof)) refusedLie({ ...claim, proof: changed })
        for (const changed of changedHashes(claim.fromRoot)) refusedLie({ ...claim, fromRoot: changed })
        for (const changed of changedHashes(claim.toRoot)) refusedLie({ ...claim, toRoot: changed })
        for (let other = 0; other <= sizeMax; other++) {
          const same = sidesOf.get(`${from}/${to}`)
          if (other !== from) {
            refusedLie({ ...claim, from: other, fromRoot: roots[other]! })
            if (from !== to) refusedLie({ ...claim, fromRoot: roots[other]! })
            if (sidesOf.get(`${other}/${to}`) !== same) refusedLie({ ...claim, from: other })
          }
          if (other !== to) {
            refusedLie({ ...claim, to: other, toRoot: roots[other]! })
            refusedLie({ ...claim, toRoot: roots[other]! })
            if (sidesOf.get(`${from}/${other}`) !== same) refusedLie({ ...claim, to: other })
          }
        }
      }
    }
    console.log(`consistency: ${honest} proofs pass, ${lies} changes to them are refused`)
    expect(lies).toBeGreaterThan(100_000)
  })

  test('passes no check with a proof file: each bit of it counts, but for `extra`', async () => {
    const golden = new URL('../../test/fixtures/golden/', import.meta.url)
    const { vkey } = JSON.parse(readFileSync(new URL('log.json', golden), 'utf8')) as { vkey: string }
    const verifiers = [noteVerifier(parseVkey(vkey))]
    const file = new Uint8Array(readFileSync(new URL('entry-1.tlog-proof', golden)))
    const honest = parseProofFile(file)
    const entry = decodeBase64url(new TextDecoder().decode(honest.extra).split('~')[0]!)!
    await checkProofFile(honest, leafHash(entry), verifiers)
    const extraEnd = file.indexOf(0x0a, 'c2sp.org/tlog-proof@v1\n'.length)
    let lies = 0
    for (let at = 0; at < file.length; at++) {
      // The value of `extra` is bound by whoever reads it; see the specification in proof-file.ts.
      if (at === 'c2sp.org/tlog-proof@v1\nextra '.length) at = extraEnd
      for (let bit = 0; bit < 8; bit++) {
        const changed = file.with(at, file[at]! ^ (1 << bit))
        lies++
        const error = await attempt(async () => checkProofFile(parseProofFile(changed), leafHash(entry), verifiers))
        expect(error, `bit ${bit} of byte ${at}`).toBeInstanceOf(AuditError)
      }
    }
    console.log(`proof file: ${lies} flipped bits are refused`)
  })
})

async function attempt(act: () => Promise<unknown>): Promise<unknown> {
  try {
    await act()
    return undefined
  } catch (error) {
    return error
  }
}
