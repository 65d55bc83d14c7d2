import fc from 'fast-check'
import { expect, test } from 'vitest'
import { noteSigner, publicKeyOf, seedOf } from '../../test/vectors/ed25519-signer.ts'
import { formatCheckpoint, openCheckpoint, parseCheckpoint } from './checkpoint.ts'
import { leafHash } from './hash.ts'
import { vkeyFor } from './key.ts'
import { signNote } from './note-sign.ts'
import { checkProofFile, formatProofFile, parseProofFile, proofHashesMax } from './proof-file.ts'
import { proveInclusion } from './proof.ts'
import { rootFromLeaves } from './tree.ts'
import { noteVerifier } from './verifier.ts'

const signer = noteSigner('example.org/log', seedOf(1))
const verifiers = [noteVerifier(vkeyFor(signer.name, publicKeyOf(seedOf(1))))]
const leaves = [0, 1].map((n) => leafHash(Uint8Array.of(n)))
const root = rootFromLeaves(leaves)
const code = (code: string) => expect.objectContaining({ name: 'AuditError', code })

test('a checkpoint is read as it is written', () => {
  const line = fc.stringMatching(/^[ -~\u00e4]{1,30}$/)
  const checkpoint = fc.record({
    origin: line,
    size: fc.maxSafeNat(),
    root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  })
  fc.assert(
    fc.property(checkpoint, (written) => {
      expect(parseCheckpoint(formatCheckpoint(written))).toEqual(written)
    }),
  )
})

test('extension lines are kept, as they are signed', () => {
  const text = formatCheckpoint({ origin: 'o', size: 2, root, extensions: ['one', 'two'] })
  expect(parseCheckpoint(text).extensions).toEqual(['one', 'two'])
  const empty = text.replace('one', '')
  expect(() => parseCheckpoint(empty)).toThrow(code('checkpoint_malformed'))
})

test('writes no checkpoint that does not read back', () => {
  for (const origin of ['', 'two\nlines', 'a\n\nb'])
    expect(() => formatCheckpoint({ origin, size: 2, root })).toThrow(code('checkpoint_malformed'))
  for (const size of [-1, 1.5, 2 ** 53, Number.NaN, 1e21])
    expect(() => formatCheckpoint({ origin: 'o', size, root })).toThrow(code('checkpoint_malformed'))
})

async function proofFile() {
  const checkpoint = await signNote(formatCheckpoint({ origin: signer.name, size: 2, root }), signer)
  const proof = proveInclusion(1, 2, ({ index }) => leaves[index]!)
  return formatProofFile({ extra: Uint8Array.of(1, 2, 3), index: 1, proof, checkpoint })
}

test('a proof file is read as it is written, and proves its entry', async () => {
  const file = await proofFile()
  const parsed = parseProofFile(file)
  expect(parseProofFile(new TextEncoder().encode(file))).toEqual(parsed)
  expect(formatProofFile(parsed)).toBe(file)
  const { checkpoint } = await checkProofFile(parsed, leaves[1]!, verifiers)
  expect(checkpoint.size).toBe(2)
  await expect(checkProofFile(parsed, leaves[0]!, verifiers)).rejects.toThrow(code('proof_invalid'))
  await expect(checkProofFile({ ...parsed, index: 0 }, leaves[1]!, verifiers)).rejects.toThrow(code('proof_invalid'))
  await expect(checkProofFile(parsed, leaves[1]!, [])).rejects.toThrow(code('signature_invalid'))
})

test('refuses a proof file in any other form', async () => {
  const file = await proofFile()
  const hashLine = file.split('\n')[3]!
  for (const [from, to] of [
    ['tlog-proof@v1', 'tlog-proof@v2'],
    ['tlog-proof@v1\n', 'tlog-proof@v1 \n'],
    ['c2sp.org', '\nc2sp.org'],
    ['extra AQID\n', 'extra \n'],
    ['extra AQID\n', 'extra AQI\n'],
    ['extra AQID\n', 'extra AQID \n'],
    ['extra AQID\n', 'extra AQID\nextra AQID\n'],
    ['extra AQID\nindex 1\n', 'index 1\nextra AQID\n'],
    ['index 1\n', ''],
    ['index 1\n', 'index 01\n'],
    ['index 1\n', 'index +1\n'],
    ['index 1\n', 'index 0x1\n'],
    ['index 1\n', 'index 1 \n'],
    ['index 1\n', 'index  1\n'],
    ['index 1\n', 'index 9007199254740992\n'],
    ['index 1\n', 'index \n'],
    [`${hashLine}\n`, `${hashLine.slice(0, -1)}\n`],
    [`${hashLine}\n`, `${hashLine.slice(0, -4)}\n`],
    [`${hashLine}\n`, ` ${hashLine}\n`],
    [`${hashLine}\n`, `${hashLine}\n`.repeat(proofHashesMax + 1)],
    [`${hashLine}\n\n`, `${hashLine}\n`],
  ] as const) {
    expect(file).toContain(from)
    const changed = file.replace(from, to)
    expect(() => parseProofFile(changed), JSON.stringify([from, to])).toThrow(code('proof_malformed'))
  }
  expect(() => parseProofFile(file.replaceAll('\n', '\r\n'))).toThrow(code('proof_malformed'))
  expect(() => parseProofFile(file.slice(0, -1))).toThrow(code('proof_malformed'))
  expect(() => parseProofFile(Uint8Array.of(...new TextEncoder().encode(file), 0xff))).toThrow(code('proof_malformed'))
})

test('a checkpoint opens for its log alone', async () => {
  const note = await signNote(formatCheckpoint({ origin: signer.name, size: 2, root }), signer)
  const { checkpoint, signatures } = await openCheckpoint(note, verifiers)
  expect(checkpoint).toEqual({ origin: signer.name, size: 2, root: new Uint8Array(root) })
  expect(signatures).toHaveLength(1)
  await expect(openCheckpoint(await signNote('not a checkpoint\n', signer), verifiers)).rejects.toThrow(
    code('checkpoint_malformed'),
  )
})
