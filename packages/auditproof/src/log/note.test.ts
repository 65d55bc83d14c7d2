import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cosigner, noteSigner, publicKeyOf, seedOf } from '../../test/vectors/ed25519-signer.ts'
import { AuditError } from '../errors.ts'
import { formatCheckpoint, openCheckpoint } from './checkpoint.ts'
import { cosignatureMessage, formatCosignature, parseCosignature } from './cosignature.ts'
import { emptyRoot } from './hash.ts'
import { signatureTypes, vkeyFor } from './key.ts'
import { signNote } from './note-sign.ts'
import {
  formatNote,
  formatSignature,
  noteBytesMax,
  noteSignaturesMax,
  parseNote,
  parseSignature,
  signaturesBy,
  verifyNote,
} from './note.ts'
import { noteVerifier } from './verifier.ts'

const log = noteSigner('example.org/log', seedOf(1))
const other = noteSigner('example.org/other', seedOf(2))
const logVerifier = noteVerifier(vkeyFor(log.name, publicKeyOf(seedOf(1))))
const otherVerifier = noteVerifier(vkeyFor(other.name, publicKeyOf(seedOf(2))))
const code = (code: string) => expect.objectContaining({ name: 'AuditError', code })
const refused = (input: string | Uint8Array) => expect(() => parseNote(input)).toThrow(code('note_malformed'))

test('a note is read as it is written', () => {
  const signature = fc.record({
    name: fc.stringMatching(/^[a-z\u00e4/.]{1,10}$/),
    keyId: fc.nat({ max: 0xffff_ffff }),
    signature: fc.uint8Array({ minLength: 1, maxLength: 80 }),
  })
  const text = fc
    .array(fc.stringMatching(/^[ -~\u00e4\u2014]*$/), { minLength: 1 })
    .map((lines) => `${lines.join('\n')}\n`)
  const note = fc.record({ text, signatures: fc.array(signature, { minLength: 1, maxLength: 20 }) })
  fc.assert(
    fc.property(note, (written) => {
      expect(parseNote(formatNote(written))).toEqual(written)
      expect(parseNote(new TextEncoder().encode(formatNote(written)))).toEqual(written)
      for (const line of written.signatures) expect(parseSignature(formatSignature(line))).toEqual(line)
    }),
  )
})

test('what reads as a note is written as it was read', async () => {
  const note = await signNote('text\n', log, other)
  const changes = fc.tuple(fc.nat({ max: note.length - 1 }), fc.constantFrom(...' \n\u2014+=Aa/\u00a0'.split(''), ''))
  fc.assert(
    fc.property(changes, ([at, character]) => {
      const changed = note.slice(0, at) + character + note.slice(at + 1)
      let parsed
      try {
        parsed = parseNote(changed)
      } catch (error) {
        expect(error).toBeInstanceOf(AuditError)
        return
      }
      expect(formatNote(parsed)).toBe(changed)
    }),
    { numRuns: 2_000 },
  )
})

test('every signature by a known key is returned, in the order of the note', async () => {
  const note = parseNote(await signNote('text\n', log, other))
  expect((await verifyNote(note, [otherVerifier, logVerifier])).map(({ name }) => name)).toEqual([log.name, other.name])
  expect((await verifyNote(note, [logVerifier])).map(({ name }) => name)).toEqual([log.name])
  expect(signaturesBy([otherVerifier], note).map(({ name }) => name)).toEqual([other.name])
})

test('a name or a key id alone does not make a key known', async () => {
  const [signature] = parseNote(await signNote('text\n', log)).signatures
  for (const stranger of [
    { ...signature!, name: 'example.org/else' },
    { ...signature!, keyId: signature!.keyId ^ 1 },
  ])
    await expect(verifyNote({ text: 'text\n', signatures: [stranger] }, [logVerifier])).rejects.toThrow(
      code('signature_invalid'),
    )
})

test('two verifiers that cannot be told apart are a mistake of the caller', async () => {
  const note = parseNote(await signNote('text\n', log))
  await expect(verifyNote(note, [logVerifier, logVerifier])).rejects.toThrow(code('usage'))
})

test('accepts 16 signatures and more, up to the limit', () => {
  const signature = { name: 'n', keyId: 1, signature: new Uint8Array(2_428) }
  const signatures = Array.from({ length: noteSignaturesMax }, () => signature)
  expect(parseNote(formatNote({ text: 'text\n', signatures })).signatures).toHaveLength(100)
  expect(() => formatNote({ text: 'text\n', signatures: [...signatures, signature] })).toThrow(code('note_malformed'))
  refused(`${'x'.repeat(noteBytesMax)}\n\n${formatSignature(signature)}`)
})

test('refuses what is not a note', async () => {
  const note = await signNote('text\n', log)
  const line = parseNote(note).signatures.map(formatSignature).join('')
  for (const bad of [
    'text\n\n',
    'text\n\n\n',
    `text\n${line}`,
    `text\n\n${line}rest\n`,
    `text\n\n${line}\n`,
    `text\n\n ${line}`,
    `text\n\n${line.replace('\u2014', '-')}`,
    `text\n\n${line.replace('\u2014 ', '\u2014')}`,
    `text\n\n${line.replace('\n', ' \n')}`,
    `text\n\n${line.replace('log ', 'log  ')}`,
    `text\n\n\u2014 name AAAAAA==\n`, // 4 bytes: a key id without a signature
    `text\n\n\u2014 name \n`,
    `text\n\n\u2014 name\n`,
    note.replaceAll('\n', '\r\n'),
    note.replace('text', 'te\ud800xt'),
  ])
    refused(bad)
  refused(Uint8Array.of(0xff, ...new TextEncoder().encode(note)))
  refused(Uint8Array.of(0xed, 0xa0, 0x80, ...new TextEncoder().encode(note)))
})

test('a byte order mark is part of the text, not skipped', async () => {
  const note = await signNote('text\n', log)
  const marked = parseNote(Uint8Array.of(0xef, 0xbb, 0xbf, ...new TextEncoder().encode(note)))
  await expect(verifyNote(marked, [logVerifier])).rejects.toThrow(code('signature_invalid'))
})

test('signs nothing that does not read back', async () => {
  for (const text of ['no newline', '', 'tab\there\n', 'lone \udc00\n'])
    await expect(signNote(text, log)).rejects.toThrow(code('note_malformed'))
  await expect(signNote('text\n')).rejects.toThrow(code('note_malformed'))
  await expect(signNote('text\n', { ...log, name: 'a b' })).rejects.toThrow(code('note_malformed'))
})

test('a cosignature counts beside the signature of the log, and binds its time', async () => {
  const witness = cosigner('witness.example', seedOf(9), 1_679_315_147)
  const witnessVerifier = noteVerifier(vkeyFor(witness.name, publicKeyOf(seedOf(9)), signatureTypes.cosignature))
  const text = formatCheckpoint({ origin: log.name, size: 0, root: emptyRoot() })
  const note = await signNote(text, log, witness)
  const { signatures } = await openCheckpoint(note, [logVerifier, witnessVerifier])
  expect(signatures.map(({ name }) => name)).toEqual([log.name, witness.name])
  expect(parseCosignature(signatures[1]!.signature).time).toBe(1_679_315_147)

  const parsed = parseNote(note)
  const cosignature = parsed.signatures[1]!
  for (let at = 0; at < cosignature.signature.length; at += 7) {
    const signature = cosignature.signature.with(at, cosignature.signature[at]! ^ 1)
    const changed = formatNote({ text, signatures: [parsed.signatures[0]!, { ...cosignature, signature }] })
    await expect(openCheckpoint(changed, [logVerifier, witnessVerifier])).rejects.toThrow(AuditError)
  }
  // Alone it is not enough: a witness does not speak for the log.
  const alone = formatNote({ text, signatures: [cosignature] })
  await expect(openCheckpoint(alone, [logVerifier, witnessVerifier])).rejects.toThrow(code('signature_invalid'))
})

test('a cosignature is over the lines of the specification', () => {
  const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'
  const message = cosignatureMessage(1_679_315_147, new TextEncoder().encode(text))
  expect(new TextDecoder().decode(message)).toBe(`cosignature/v1\ntime 1679315147\n${text}`)
  const cosignature = { time: 1_679_315_147, signature: new Uint8Array(64).fill(5) }
  expect(parseCosignature(formatCosignature(cosignature))).toEqual(cosignature)
  const bytes = formatCosignature(cosignature)
  for (const bad of [bytes.subarray(1), Uint8Array.of(...bytes, 0), bytes.with(0, 0x80)])
    expect(() => parseCosignature(bad)).toThrow(code('note_malformed'))
})
