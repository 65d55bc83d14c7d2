/**
 * Events against vectors: golden entries to the byte, RFC 8785 (JCS), RFC 9901 (SD-JWT). The last two lie beside the
 * repository and are read there, golden here as well. Every file of their folders must be read by a test.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import {
  canonicalize,
  decodeDisclosure,
  decodeEntry,
  disclosureDigest,
  eventMembers,
  groups,
  openDisclosures,
  sealEvent,
  type Group,
  type GroupValues,
  type Json,
  type Submission,
} from '../../src/event/index.ts'
import { encodeHex, leafHash, parseProofFile } from '../../src/log/index.ts'

const shared = new URL('../../../../../shared/vectors/', import.meta.url)
const here = existsSync(shared)
const golden = new URL('../fixtures/golden/', import.meta.url)
const read = new Set<string>()

function text(path: string): string {
  read.add(path)
  return readFileSync(new URL(path, shared), 'utf8')
}

const filesOf = (folder: string): string[] =>
  here
    ? readdirSync(new URL(folder, shared), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !/^(?:LICENSE|README\.md)$/.test(entry.name))
        .map((entry) => `${entry.parentPath}/${entry.name}`.slice(shared.pathname.length).replace('//', '/'))
    : []

interface GoldenEntry {
  clear: { recordedAt: string } & Pick<Submission, 'id' | 'action' | 'outcome' | 'severity' | 'occurredAt' | 'producer'>
  values: Partial<GroupValues>
  disclosures: Record<Group, string[]>
  entry: string
  leafHash: string
}

const saltOf = (disclosure: string): string =>
  (JSON.parse(Buffer.from(disclosure, 'base64url').toString()) as [string])[0]

describe('golden', () => {
  const copy = readFileSync(new URL('entries.json', golden), 'utf8')
  const { entries } = JSON.parse(copy) as { entries: GoldenEntry[] }
  const bytes = (entry: GoldenEntry): Uint8Array => Buffer.from(entry.entry)

  test.runIf(here)('entries are the ones that every implementation reads', () => {
    expect(text('golden/entries.json')).toBe(copy)
  })

  test.each(entries.map((entry, i) => [i, entry] as const))('entry %i is sealed to the byte', (_, golden) => {
    const { recordedAt, ...clear } = golden.clear
    const { origin = { kind: 'direct' }, ...members } = eventMembers(golden.values)
    const event: Submission = { ...clear, tenant: 'golden', targets: [], actor: null as never, origin, ...members }
    // Those of the single changes are drawn before that of their group.
    const salts = groups.flatMap((group) => {
      const [first, ...single] = golden.disclosures[group].map(saltOf)
      return [...single, first!]
    })
    const sealed = sealEvent(event, recordedAt, () => salts.shift()!)
    expect(salts).toEqual([])
    expect(sealed.entry).toBe(golden.entry)
    expect(sealed.disclosures).toEqual(groups.flatMap((group) => golden.disclosures[group]))
    expect(encodeHex(leafHash(bytes(golden)))).toBe(golden.leafHash)
  })

  test.each(entries.map((entry, i) => [i, entry] as const))('entry %i opens to its values', (_, golden) => {
    const { digests, ...clear } = decodeEntry(bytes(golden))
    expect(clear).toEqual(golden.clear)
    const { values, missing, missingChanges } = openDisclosures(digests, Object.values(golden.disclosures).flat())
    expect({ missing, missingChanges }).toEqual({ missing: [], missingChanges: 0 })
    expect(values).toEqual({ actor: null, target: null, changes: null, details: null, ...golden.values })
  })

  test.each([
    ['entry-1.tlog-proof', 1, []],
    ['entry-0-redacted.tlog-proof', 0, undefined],
  ] as const)('%s carries the entry and disclosures of it', (name, index, withheld) => {
    const file = readFileSync(new URL(name, golden), 'utf8')
    if (here) expect(text(`golden/${name}`)).toBe(file)
    const { extra } = parseProofFile(file)
    const [entry, ...disclosures] = Buffer.from(extra!).toString('latin1').split('~')
    expect(disclosures.pop()).toBe('')
    expect(Buffer.from(entry!, 'base64url').toString()).toBe(entries[index]!.entry)
    const { values, missing } = openDisclosures(decodeEntry(bytes(entries[index]!)).digests, disclosures)
    if (withheld === undefined) expect(missing.length).toBeGreaterThan(0)
    else expect(missing).toEqual(withheld)
    const whole = { actor: null, target: null, changes: null, details: null, ...entries[index]!.values }
    for (const group of groups)
      if (!missing.includes(group)) expect(values[group]).toEqual(whole[group as keyof GroupValues])
  })
})

describe.runIf(here)('RFC 8785', () => {
  const names = filesOf('jcs/').filter((path) => path.includes('/input/'))
  test('has the inputs of its authors', () => {
    expect(names.length).toBeGreaterThanOrEqual(6)
  })

  test.each(names)('%s is written in canonical form, which stays as it is', (input) => {
    const canonical = canonicalize(JSON.parse(text(input)) as Json)
    expect(canonical).toBe(text(input.replace('/input/', '/output/')))
    const hex = text(input.replace('/input/', '/outhex/').replace('.json', '.txt')).replaceAll(/\s/g, '')
    expect(Buffer.from(canonical).toString('hex')).toBe(hex)
    expect(canonicalize(JSON.parse(canonical) as Json)).toBe(canonical)
  })

  test('10,000 numbers are written as ECMAScript writes them', () => {
    const readme = text('jcs/testdata/README.md')
    const lines = createHash('sha256')
    let left = 10_000
    for (const bits of doublesOf(readme)) {
      if (left-- === 0) break
      const double = new DataView(new ArrayBuffer(8))
      double.setBigUint64(0, bits)
      lines.update(`${bits.toString(16)},${canonicalize(double.getFloat64(0))}\n`)
    }
    const [, expected] = /\|\s*([0-9a-f]{64})\s*\|\s*10000\s*\|/.exec(readme)!
    expect(lines.digest('hex')).toBe(expected)
  })

  /** The sequence of doubles that the README of the test data defines: a list, a series, then hashes of hashes. */
  function* doublesOf(readme: string): Generator<bigint> {
    const [list] = readme.split('staticF64s')
    for (const [hex] of list!.matchAll(/0x[0-9a-f]{16}/g)) yield BigInt(hex)
    for (let i = 0n; i < 2000n; i++) yield 0x0010000000000000n + i
    for (let block = Buffer.alloc(32); ;) {
      block = createHash('sha256').update(block).digest()
      for (let at = 0; at < 32; at += 8) {
        const value = block.readDoubleLE(at)
        if (Number.isFinite(value) && value !== 0) yield block.readBigUInt64LE(at)
      }
    }
  }
})

describe.runIf(here)('RFC 9901', () => {
  interface Vectors {
    digests: { disclosure: string; contents: Json[]; sha256_b64url: string }[]
    equivalent_encodings_of_first: string[]
  }
  const vectors = here
    ? (JSON.parse(text('sdjwt/section-4.2-vectors.json')) as Vectors)
    : { digests: [], equivalent_encodings_of_first: [] }

  test.each(vectors.digests)('digest of $contents', ({ disclosure, sha256_b64url }) => {
    expect(disclosureDigest(disclosure)).toBe(sha256_b64url)
  })

  test.each(vectors.digests)(
    '$contents is read, or refused for what is no disclosure of ours',
    ({ disclosure, contents }) => {
      const [salt, ...rest] = contents
      // Ours have salts of 16 bytes, and five names.
      if (rest.length === 1) expect(decodeDisclosure(disclosure)).toEqual({ salt, value: rest[0] })
      else expect(() => decodeDisclosure(disclosure)).toThrow(expect.objectContaining({ code: 'disclosure_malformed' }))
    },
  )

  test('any serialisation of the JSON has a digest of its own, since the text itself is hashed', () => {
    const encodings = [vectors.digests[0]!.disclosure, ...vectors.equivalent_encodings_of_first]
    const contents = encodings.map((encoding) => JSON.parse(Buffer.from(encoding, 'base64url').toString()) as Json)
    expect(contents).toEqual(encodings.map(() => vectors.digests[0]!.contents))
    expect(new Set(encodings.map(disclosureDigest)).size).toBe(encodings.length)
    const golden = Buffer.from('["_26bc4LT-ac6q2KI6cBW5g" ,"actor", null]').toString('base64url')
    expect(decodeDisclosure(golden)).toEqual({ salt: '_26bc4LT-ac6q2KI6cBW5g', group: 'actor', value: null })
  })
})

test.runIf(here)('every file of these folders was read', () => {
  const files = ['jcs/', 'sdjwt/', 'golden/'].flatMap(filesOf)
  // The log's own is read by log.test.ts.
  expect(files.filter((path) => !read.has(path) && path !== 'golden/log.json')).toEqual([])
})

afterAll(() => {
  const vectors = here ? `${read.size} files of golden, jcs and sdjwt` : 'golden alone: the shared vectors are not here'
  process.stdout.write(`event vectors: ${vectors}\n`)
})
