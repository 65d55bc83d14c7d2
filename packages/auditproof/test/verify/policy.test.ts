import { describe, expect, it } from 'vitest'
import { formatVkey, signatureTypes, signNote, vkeyFor, formatCheckpoint, emptyRoot } from '../../src/log/index.ts'
import { TestSigner } from '../../src/testing/index.ts'
import { openSignedNote, parsePinnedKey, verifierFor, worstVerdict } from '../../src/verify/index.ts'

const signer = new TestSigner()
const vkey = (name: string): string => formatVkey(vkeyFor(name, signer.publicKey))
const noteOf = (origin: string, as = origin): Promise<string> =>
  signNote(formatCheckpoint({ origin, size: 0, root: emptyRoot() }), signer.as(as))

describe('a pinned key', () => {
  it('is read from a vkey, and from a file that holds one', () => {
    const key = { name: 'store.example', publicKey: signer.publicKey }
    for (const text of [vkey('store.example'), `${vkey('store.example')}\n`, `${vkey('store.example')}\r\n`])
      expect(parsePinnedKey(text)).toEqual(key)
  })

  it.each([
    ['nothing', ''],
    ['a path', './signer.vkey'],
    ['another key id', vkey('store.example').replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
    ['two keys', `${vkey('store.example')}\n${vkey('other.example')}`],
    ['the key of a witness', formatVkey(vkeyFor('witness.example', signer.publicKey, signatureTypes.cosignature))],
  ])('is not read from %s', (_name, text) => {
    expect(() => parsePinnedKey(text)).toThrow(expect.objectContaining({ code: 'key_malformed' }))
  })

  it('is good for its own name and for every name below it, each with an id of its own', () => {
    const key = parsePinnedKey(vkey('store.example'))
    const ids = ['store.example', 'store.example/1', 'store.example/1/2'].map((origin) => verifierFor(key, origin))
    expect(ids.map((one) => one?.name)).toEqual(['store.example', 'store.example/1', 'store.example/1/2'])
    expect(new Set(ids.map((one) => one?.keyId)).size).toBe(3)
  })

  it.each([
    'store',
    'store.example.org',
    'store.example2/1',
    'other.example',
    '',
    'STORE.EXAMPLE',
    ' store.example',
    'store.example/a b',
    'store.example/+',
  ])('says nothing about %j', (origin) => {
    expect(verifierFor(parsePinnedKey(vkey('store.example')), origin)).toBeUndefined()
  })
})

describe('a signed note', () => {
  const key = parsePinnedKey(vkey('store.example'))

  it('is signed by the key under the name of its log', async () => {
    for (const origin of ['store.example', 'store.example/1'])
      expect(await openSignedNote(await noteOf(origin), origin, key)).toMatchObject({
        state: 'signed',
        checkpoint: { origin, size: 0 },
      })
  })

  it('is bad under the name of the store where the log has a name of its own', async () => {
    expect(
      await openSignedNote(await noteOf('store.example/1', 'store.example'), 'store.example/1', key),
    ).toMatchObject({ state: 'bad' })
  })

  it('is bad where it is one of another log, signed or not checked', async () => {
    const note = await noteOf('store.example/2')
    for (const pinned of [key, undefined])
      expect(await openSignedNote(note, 'store.example/1', pinned)).toMatchObject({ state: 'bad' })
  })

  it('is bad without its signature, with one by an unknown key, with one that was changed', async () => {
    const note = await noteOf('store.example/1')
    const unknown = await signNote(note.slice(0, note.indexOf('\n\n') + 1), new TestSigner().as('store.example/1'))
    const changed = note.replace(/(.{8})=*\n$/, (tail) =>
      tail.replace(/[A-Za-z]/, (letter) => (letter === 'x' ? 'y' : 'x')),
    )
    for (const bad of [note.slice(0, note.indexOf('\n\n') + 2), unknown, changed, 'hello', ''])
      expect(await openSignedNote(bad, 'store.example/1', key)).toMatchObject({ state: 'bad' })
  })

  it('is not checked without a key, or with that of another store', async () => {
    const note = await noteOf('other.example/1')
    for (const pinned of [key, undefined])
      expect(await openSignedNote(note, 'other.example/1', pinned)).toMatchObject({
        state: 'not-checked',
        checkpoint: { size: 0 },
      })
  })
})

describe('the worst of verdicts', () => {
  it('is tampered before all, not-checkable before verified, and not-checkable of none', () => {
    expect(worstVerdict(['verified', 'not-checkable', 'tampered'])).toBe('tampered')
    expect(worstVerdict(['verified', 'not-checkable'])).toBe('not-checkable')
    expect(worstVerdict(['verified'])).toBe('verified')
    expect(worstVerdict([])).toBe('not-checkable')
  })
})
