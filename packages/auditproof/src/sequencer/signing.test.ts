import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  leafHash,
  noteVerifier,
  openCheckpoint,
  proveConsistency,
  rootFromLeaves,
  vkeyFor,
  type Hash,
  type Node,
} from '../log/index.ts'
import { FileSigner } from './file-signing.ts'
import { newKey, openKey, openSecret } from './key-file.ts'
import type { SignRequest } from './signer.ts'

const base = mkdtempSync(join(tmpdir(), 'auditproof-signer-'))
let number = 0
const newDirectory = (): string => join(base, String(number++))
afterAll(() => rmSync(base, { recursive: true, force: true }))

const origin = 'store.example/0123456789abcdef'
const leaves = Array.from({ length: 20 }, (_, i) => leafHash(Uint8Array.of(i)))
const others = leaves.map((leaf, i) => (i === 4 ? leafHash(Uint8Array.of(99)) : leaf))

function request(from: number, size: number, tree: readonly Hash[] = leaves, published?: string): SignRequest {
  const read = ({ level, index }: Node): Hash =>
    rootFromLeaves(tree.slice(index * 2 ** level, (index + 1) * 2 ** level))
  const proof = from > 0 && from < size ? proveConsistency(from, size, read) : []
  return { origin, size, root: rootFromLeaves(tree.slice(0, size)), from, proof, published }
}

describe('the signer', () => {
  it('signs what extends its state, in a note that others verify', async () => {
    const signer = new FileSigner(newDirectory(), 'store.example')
    const [result] = signer.sign([request(0, 7)])
    if (result?.state !== 'signed') throw new Error(JSON.stringify(result))
    const verifier = noteVerifier(vkeyFor(origin, signer.describe().publicKey))
    const { checkpoint } = await openCheckpoint(result.note, [verifier])
    expect(checkpoint).toMatchObject({ origin, size: 7, root: rootFromLeaves(leaves.slice(0, 7)) })
    expect(signer.sign([request(7, 20)])).toMatchObject([{ state: 'signed' }])
    signer.close()
  })

  it('signs the same again after a crash between its state and the signature, to the byte', () => {
    const directory = newDirectory()
    const signer = new FileSigner(directory, 'store.example')
    const first = signer.sign([request(0, 7)])
    signer.close()
    const again = new FileSigner(directory, undefined)
    expect(again.sign([request(0, 7)])).toEqual(first)
    again.close()
  })

  it('refuses another tree, at the same size and at a larger one, also after a restart', () => {
    const directory = newDirectory()
    const signer = new FileSigner(directory, 'store.example')
    signer.sign([request(0, 7)])
    signer.close()
    const later = new FileSigner(directory, undefined)
    expect(later.sign([request(0, 7, others)])).toMatchObject([{ state: 'refused' }])
    expect(later.sign([request(7, 20, others)])).toMatchObject([{ state: 'refused' }])
    expect(later.sign([request(7, 20)])).toMatchObject([{ state: 'signed' }])
    later.close()
  })

  it('asks for a proof from where it stands, and calls less than that stale', () => {
    const signer = new FileSigner(newDirectory(), 'store.example')
    signer.sign([request(0, 7)])
    expect(signer.sign([request(3, 20)])).toEqual([{ state: 'needs-proof', from: 7 }])
    expect(signer.sign([request(0, 5)])).toEqual([{ state: 'stale', signedSize: 7 }])
    signer.close()
  })

  it('takes up a log without a state by a note that it has signed itself, and by no other', () => {
    const directory = newDirectory()
    const signer = new FileSigner(directory, 'store.example')
    const [signed] = signer.sign([request(0, 7)])
    const note = signed?.state === 'signed' ? signed.note : ''
    signer.close()
    for (const ending of ['', '-wal', '-shm']) rmSync(join(directory, `signer.db${ending}`), { force: true })
    const without = new FileSigner(directory, undefined)
    expect(without.sign([request(7, 20)])).toMatchObject([{ state: 'refused' }])
    expect(without.sign([request(7, 20, leaves, note.replace('\n7\n', '\n8\n'))])).toMatchObject([{ state: 'refused' }])
    expect(without.sign([request(7, 20, others, note)])).toMatchObject([{ state: 'refused' }])
    expect(without.sign([request(7, 20, leaves, note)])).toMatchObject([{ state: 'signed' }])
    without.close()
  })
})

describe('the key file', () => {
  it('is made once, for its owner alone, in the format of other tools', () => {
    const directory = newDirectory()
    const key = newKey(directory, 'store.example')
    const path = join(directory, 'signer.key')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    expect(readFileSync(path, 'utf8')).toMatch(/^PRIVATE\+KEY\+store\.example\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*\n$/)
    expect(openKey(directory, 'another').vkey).toBe(key.vkey)
    expect(() => newKey(directory, 'store.example')).toThrow(expect.objectContaining({ code: 'usage' }))
  })

  it('is missed loudly, and never replaced', () => {
    expect(() => openKey(newDirectory(), undefined)).toThrow(expect.objectContaining({ code: 'key_missing' }))
  })

  it('is refused when it was edited, without a word of what is in it', () => {
    const directory = newDirectory()
    newKey(directory, 'store.example')
    const path = join(directory, 'signer.key')
    const text = readFileSync(path, 'utf8')
    chmodSync(path, 0o600)
    writeFileSync(path, text.replace('store.example', 'other.example'))
    expect(() => openKey(directory, undefined)).toThrow(expect.objectContaining({ code: 'key_malformed' }))
    writeFileSync(path, 'secret nonsense')
    expect(() => openKey(directory, undefined)).toThrow(/^(?!.*secret nonsense)/)
  })

  it('has secrets beside it that stay the same', () => {
    const path = join(newDirectory(), 'admin.key')
    const secret = openSecret(path)
    expect(secret).toHaveLength(32)
    expect(openSecret(path)).toEqual(secret)
    writeFileSync(path, 'short')
    expect(() => openSecret(path)).toThrow(expect.objectContaining({ code: 'key_malformed' }))
  })
})
