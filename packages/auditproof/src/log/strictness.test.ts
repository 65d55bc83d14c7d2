/** What a strict reader of transparency logs must do, point by point. Each of these was, in some verifier, not so. */
import { describe, expect, test } from 'vitest'
import { noteSigner, publicKeyOf, seedOf } from '../../test/vectors/ed25519-signer.ts'
import { formatCheckpoint, openCheckpoint, parseCheckpoint } from './checkpoint.ts'
import { leafHash, nodeHash } from './hash.ts'
import { vkeyFor } from './key.ts'
import { signNote } from './note-sign.ts'
import { formatNote, parseNote, verifyNote } from './note.ts'
import { parseProofFile } from './proof-file.ts'
import { checkConsistency, checkInclusion } from './proof.ts'
import { parseTilePath } from './tile.ts'
import { noteVerifier } from './verifier.ts'

const signer = noteSigner('example.org/log', seedOf(1))
const verifier = noteVerifier(vkeyFor(signer.name, publicKeyOf(seedOf(1))))
const [a, b] = [leafHash(Uint8Array.of(0)), leafHash(Uint8Array.of(1))]
const root = nodeHash(a, b)
const text = formatCheckpoint({ origin: signer.name, size: 2, root })
const code = (code: string) => expect.objectContaining({ name: 'AuditError', code })

describe('the log', () => {
  test('splits a note at its last blank line', async () => {
    const note = await signNote('first\n\nsecond\n', signer)
    const parsed = parseNote(note)
    expect(parsed.text).toBe('first\n\nsecond\n')
    expect(await verifyNote(parsed, [verifier])).toHaveLength(1)
  })

  test('reads canonical base64 only', async () => {
    const note = await signNote(text, signer)
    const line = text.split('\n')[2]!
    // 32 bytes end in one '=' and two unused bits: three more spellings of the same root.
    const last = line.at(-2)!
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    for (let bits = 1; bits < 4; bits++) {
      const other = `${line.slice(0, -2)}${alphabet[alphabet.indexOf(last) + bits]}=`
      expect(Buffer.from(other, 'base64')).toEqual(Buffer.from(line, 'base64'))
      expect(() => parseCheckpoint(text.replace(line, other))).toThrow(code('checkpoint_malformed'))
    }
    expect(() => parseCheckpoint(text.replace(line, line.slice(0, -1)))).toThrow(code('checkpoint_malformed'))
    expect(() => parseNote(note.replace(/.=\n$/, '=\n'))).toThrow(code('note_malformed'))
    expect(() => parseNote(`${note.slice(0, -1)}=\n`)).toThrow(code('note_malformed'))
  })

  test.each([
    '',
    '00',
    '02',
    '007',
    '+2',
    '-1',
    '-0',
    '2.0',
    '2e0',
    '0x2',
    ' 2',
    '2 ',
    '\u0662',
    '1_0',
    '9007199254740992',
    '18446744073709551615',
  ])('refuses a checkpoint of size %j', (size) => {
    expect(() => parseCheckpoint(text.replace('\n2\n', `\n${size}\n`))).toThrow(code('checkpoint_malformed'))
  })

  test.each([0, 1, 10, Number.MAX_SAFE_INTEGER])('reads a checkpoint of size %d', (size) => {
    expect(parseCheckpoint(text.replace('\n2\n', `\n${size}\n`)).size).toBe(size)
  })

  test('wants the origin to be the name of a key that signed', async () => {
    const foreign = formatCheckpoint({ origin: 'example.org/else', size: 2, root })
    await expect(openCheckpoint(await signNote(foreign, signer), [verifier])).rejects.toThrow(code('signature_invalid'))
    await expect(openCheckpoint(await signNote(text, signer), [verifier])).resolves.toBeDefined()
  })

  test.each([0, 31, 33])('refuses a root of %d bytes', (bytes) => {
    const line = Buffer.alloc(bytes, 1).toString('base64')
    expect(() => parseCheckpoint(`origin\n2\n${line}\n`)).toThrow(code('checkpoint_malformed'))
  })

  test('refuses control characters in a note', async () => {
    const note = await signNote(text, signer)
    for (let c = 0; c < 0x20; c++)
      if (c !== 0x0a)
        for (const at of [0, 5, note.lastIndexOf('\u2014') + 3])
          expect(() => parseNote(note.slice(0, at) + String.fromCharCode(c) + note.slice(at))).toThrow(
            code('note_malformed'),
          )
  })

  test('rejects a note for one bad signature by a known key, though another is good', async () => {
    const other = noteSigner('example.org/other', seedOf(2))
    const otherVerifier = noteVerifier(vkeyFor(other.name, publicKeyOf(seedOf(2))))
    const { signatures } = parseNote(await signNote(text, signer, other))
    const [good, second] = signatures
    const bad = { ...second!, signature: second!.signature.with(0, second!.signature[0]! ^ 1) }
    const note = { text, signatures: [good!, bad] }
    await expect(verifyNote(note, [verifier, otherVerifier])).rejects.toThrow(code('signature_invalid'))
    // The same line by a key nobody knows changes nothing.
    expect(await verifyNote(note, [verifier])).toHaveLength(1)
  })

  test('counts a key once, however often it signed, and once is enough to be wrong', async () => {
    const [signature] = parseNote(await signNote(text, signer)).signatures
    const twice = parseNote(formatNote({ text, signatures: [signature!, signature!] }))
    expect(await verifyNote(twice, [verifier])).toHaveLength(1)
    const bad = { ...signature!, signature: signature!.signature.with(9, signature!.signature[9]! ^ 1) }
    await expect(verifyNote({ text, signatures: [signature!, bad] }, [verifier])).rejects.toThrow(
      code('signature_invalid'),
    )
  })

  test('wants a proof of exactly the right length', () => {
    const claim = { leafHash: a, index: 0, size: 2, root }
    checkInclusion({ ...claim, proof: [b] })
    for (const proof of [[], [b, b], [a, b, b]])
      expect(() => checkInclusion({ ...claim, proof })).toThrow(code('proof_malformed'))
    const growth = { from: 1, fromRoot: a, to: 2, toRoot: root }
    checkConsistency({ ...growth, proof: [b] })
    for (const proof of [[], [b, b]])
      expect(() => checkConsistency({ ...growth, proof })).toThrow(code('proof_malformed'))
    const still = { from: 2, fromRoot: root, to: 2, toRoot: root }
    checkConsistency({ ...still, proof: [] })
    expect(() => checkConsistency({ ...still, proof: [root] })).toThrow(code('proof_malformed'))
  })

  test('wants an index below the size', () => {
    for (const [index, size] of [
      [2, 2],
      [3, 2],
      [0, 0],
      [-1, 2],
    ] as const)
      expect(() => checkInclusion({ leafHash: b, index, size, root, proof: [a] })).toThrow(code('proof_malformed'))
  })

  test('refuses consistency from size 0, and backwards', () => {
    expect(() => checkConsistency({ from: 0, fromRoot: a, to: 2, toRoot: root, proof: [] })).toThrow(
      code('proof_malformed'),
    )
    expect(() => checkConsistency({ from: 0, fromRoot: root, to: 0, toRoot: root, proof: [] })).toThrow(
      code('proof_malformed'),
    )
    expect(() => checkConsistency({ from: 2, fromRoot: root, to: 1, toRoot: a, proof: [b] })).toThrow(
      code('proof_malformed'),
    )
  })

  test('reads no tile path that leads elsewhere', () => {
    for (const path of ['tile/0/../000', 'tile/entries/../../signer.key', 'tile/0/x000/000', 'tile/0//000'])
      expect(() => parseTilePath(path)).toThrow(code('tile_malformed'))
  })

  test('does not guess at a version it does not know', () => {
    const file = `c2sp.org/tlog-proof@v2\nindex 0\n\n${text}`
    expect(() => parseProofFile(file)).toThrow(code('proof_malformed'))
  })

  test('takes no public key of low order, nor one in a second spelling', () => {
    const neutral = new Uint8Array(32).with(0, 1)
    const spelledAgain = new Uint8Array(32).fill(0xff).with(0, 0xee).with(31, 0x7f)
    for (const key of [neutral, spelledAgain, new Uint8Array(32)])
      expect(() => vkeyFor('weak', key)).toThrow(code('key_malformed'))
  })
})
