/**
 * What this log wrote once, it reads and writes for ever: a small log under test/fixtures/log, frozen. Trees and proofs
 * come from the recursive reference, signatures from node:crypto. UPDATE_FIXTURES=1 writes it anew, for new parts only.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  checkConsistency,
  checkInclusion,
  checkProofFile,
  decodeHex,
  encodeEntryBundle,
  encodeHex,
  formatCheckpoint,
  formatProofFile,
  formatVkey,
  noteVerifier,
  openCheckpoint,
  parseCosignature,
  parseProofFile,
  parseVkey,
  signNote,
  signatureTypes,
  tilePath,
  tilesOfSize,
  vkeyFor,
} from '../../src/log/index.ts'
import { cosigner, noteSigner, publicKeyOf, seedOf } from './ed25519-signer.ts'
import { consistency, inclusion, leavesUpTo, treeHash } from './rfc6962.ts'

interface Fixture {
  vkeys: string[]
  checkpoint: string
  time: number
  inclusion: { index: number; leafHash: string; proof: string[] }[]
  consistency: { from: number; root: string; proof: string[] }[]
  proofFile: string
  bundle: string
  tilesOf70000: string[]
}

const path = new URL('../fixtures/log/log.json', import.meta.url)
const origin = 'audit.example.org/fixture/0123456789abcdef'
const witness = 'witness.example.org/w1'
const size = 7
const time = 1_790_000_000
const leaves = leavesUpTo(size)
const root = treeHash(leaves)

async function write(): Promise<Fixture> {
  const text = formatCheckpoint({ origin, size, root })
  const checkpoint = await signNote(text, noteSigner(origin, seedOf(0x11)), cosigner(witness, seedOf(0x22), time))
  const proofs = leaves.map((_, index) => inclusion(index, leaves).map(({ hash }) => hash))
  return {
    vkeys: [
      formatVkey(vkeyFor(origin, publicKeyOf(seedOf(0x11)))),
      formatVkey(vkeyFor(witness, publicKeyOf(seedOf(0x22)), signatureTypes.cosignature)),
    ],
    checkpoint,
    time,
    inclusion: leaves.map((leafHash, index) => ({
      index,
      leafHash: encodeHex(leafHash),
      proof: proofs[index]!.map(encodeHex),
    })),
    consistency: leaves.map((_, i) => ({
      from: i + 1,
      root: encodeHex(treeHash(leaves.slice(0, i + 1))),
      proof: consistency(i + 1, leaves).map(({ hash }) => encodeHex(hash)),
    })),
    proofFile: formatProofFile({ extra: new TextEncoder().encode('extra'), index: 6, proof: proofs[6]!, checkpoint }),
    bundle: encodeHex(encodeEntryBundle([0, 1, 2].map((n) => new TextEncoder().encode(String(n))))),
    tilesOf70000: [...tilesOfSize(70_000)].map(tilePath).slice(-6),
  }
}

if (process.env['UPDATE_FIXTURES'] === '1') writeFileSync(path, `${JSON.stringify(await write(), null, 1)}\n`)
const fixture = JSON.parse(readFileSync(path, 'utf8')) as Fixture

test('the frozen log is written today as it was then', async () => {
  expect(await write()).toEqual(fixture)
})

test('its checkpoint opens with both keys, and its witness saw it when it did', async () => {
  const verifiers = fixture.vkeys.map((vkey) => noteVerifier(parseVkey(vkey)))
  const { checkpoint, signatures } = await openCheckpoint(fixture.checkpoint, verifiers)
  expect({ ...checkpoint, root: encodeHex(checkpoint.root) }).toEqual({ origin, size, root: encodeHex(root) })
  expect(parseCosignature(signatures[1]!.signature).time).toBe(time)
  const opened = await checkProofFile(parseProofFile(fixture.proofFile), leaves[6]!, verifiers)
  expect(opened.signatures).toHaveLength(2)
})

test('its proofs check', () => {
  const hex = (text: string) => decodeHex(text)!
  for (const { index, leafHash, proof } of fixture.inclusion)
    checkInclusion({ leafHash: hex(leafHash), index, size, root, proof: proof.map(hex) })
  for (const older of fixture.consistency)
    checkConsistency({
      from: older.from,
      fromRoot: hex(older.root),
      to: size,
      toRoot: root,
      proof: older.proof.map(hex),
    })
})
