/**
 * The vectors that nobody here made up, as far as the log can check them. They lie beside the repository and are read
 * there; none is copied, but for golden, which is ours. Every file of the folders below must be read by a test.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { AuditError } from '../../src/errors.ts'
import {
  type Hash,
  type Node,
  checkConsistency,
  checkInclusion,
  checkProofFile,
  consistencyPlan,
  coveringSubtrees,
  decodeBase64,
  decodeBase64url,
  decodeHex,
  emptyRoot,
  encodeHex,
  formatNote,
  formatProofFile,
  formatSkey,
  formatVkey,
  hashOfNodes,
  inclusionPlan,
  isSubtree,
  leafHash,
  nodeHash,
  nodesOfRange,
  noteVerifier,
  openCheckpoint,
  parseNote,
  parseProofFile,
  parseSkey,
  parseVkey,
  proofFromNodes,
  proveConsistency,
  proveInclusion,
  rootFromLeaves,
  signNote,
  subtreeConsistencyPlan,
  subtreeInclusionPlan,
  verifyNote,
} from '../../src/log/index.ts'
import { noteSigner } from './ed25519-signer.ts'

const shared = new URL('../../../../../shared/vectors/', import.meta.url)
const copies = new URL('../fixtures/golden/', import.meta.url)
const here = existsSync(shared)

/** What this file answers for; the rest of the folder belongs to others, by name, so that a new folder is noticed. */
const ours = ['transparency-dev-merkle/', 'golang-mod-sumdb/', 'c2sp-examples/', 'transparency-dev-formats/', 'golden/']
const others = {
  'golden/entries.json': 'event.test.ts',
  'jcs/': 'event.test.ts',
  'sdjwt/': 'event.test.ts',
  'witness-litewitness/': 'left out: there is no witness yet',
}
const notVectors = /(?:^|\/)(?:LICENSE|README\.md)$/

const files = here
  ? readdirSync(shared, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath}/${entry.name}`.replace(shared.pathname, '').replace(/^\/+/, ''))
      .filter((path) => !notVectors.test(path))
  : []
const belongsToOthers = (path: string) => Object.keys(others).some((prefix) => path.startsWith(prefix))
const read = new Set<string>()

function text(path: string): string {
  read.add(path)
  return readFileSync(new URL(path, shared), 'utf8')
}
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- says once, at the call, what the file holds
const json = <T>(path: string): T => JSON.parse(text(path)) as T

/** As RFC 4648 has it; the vectors hold bytes of any length, also none. */
const base64 = (line: string): Uint8Array => {
  const bytes = decodeBase64(line)
  if (bytes === undefined) throw new Error(`${line} is not base64`)
  return bytes
}
const hex = (line: string): Uint8Array => decodeHex(line)!
const verifiersOf = (vkeys: readonly string[]) => vkeys.map((vkey) => noteVerifier(parseVkey(vkey)))
const proofCode = expect.objectContaining({ code: expect.stringMatching(/^proof_(?:invalid|malformed)$/) as string })

/** A reader of the complete subtrees over some leaf hashes. */
function nodesOver(leaves: readonly Hash[]): (node: Node) => Hash {
  const levels: Hash[][] = [[...leaves]]
  for (let below = levels[0]!; below.length > 1; below = levels.at(-1)!)
    levels.push(
      Array.from({ length: Math.floor(below.length / 2) }, (_, i) => nodeHash(below[2 * i]!, below[2 * i + 1]!)),
    )
  return ({ level, index }) => levels[level]![index]!
}

describe.skipIf(!here)('vectors of transparency-dev/merkle', () => {
  const inclusion = files.filter((path) => path.startsWith('transparency-dev-merkle/testdata/inclusion/'))
  const consistency = files.filter((path) => path.startsWith('transparency-dev-merkle/testdata/consistency/'))

  test('every inclusion probe ends as it says', () => {
    expect(inclusion).toHaveLength(98)
    for (const path of inclusion) {
      const probe = json<{
        leafIdx: number
        treeSize: number
        root: string
        leafHash: string
        proof: string[] | null
        wantErr: boolean
      }>(path)
      const claim = {
        leafHash: base64(probe.leafHash),
        index: probe.leafIdx,
        size: probe.treeSize,
        root: base64(probe.root),
        proof: (probe.proof ?? []).map(base64),
      }
      if (probe.wantErr) expect(() => checkInclusion(claim), path).toThrow(proofCode)
      else checkInclusion(claim)
    }
  })

  test('every consistency probe ends as it says', () => {
    expect(consistency).toHaveLength(98)
    for (const path of consistency) {
      const probe = json<{
        size1: number
        size2: number
        root1: string
        root2: string
        proof: string[] | null
        wantErr: boolean
      }>(path)
      const claim = {
        from: probe.size1,
        fromRoot: base64(probe.root1),
        to: probe.size2,
        toRoot: base64(probe.root2),
        proof: (probe.proof ?? []).map(base64),
      }
      if (probe.wantErr) expect(() => checkConsistency(claim), path).toThrow(proofCode)
      else checkConsistency(claim)
    }
  })

  test('leaf hashes, node hashes and roots are those of its constants', () => {
    const constants = json<{ leaf_inputs_hex: string[]; node_hashes_by_level: string[][]; roots_by_size: string[] }>(
      'transparency-dev-merkle/rfc6962-constants.json',
    )
    const leaves = constants.leaf_inputs_hex.map((input) => leafHash(hex(input)))
    const node = nodesOver(leaves)
    for (const [level, hashes] of constants.node_hashes_by_level.entries())
      for (const [index, hash] of hashes.entries()) expect(encodeHex(node({ level, index }))).toBe(hash)
    for (const [size, root] of constants.roots_by_size.entries())
      expect(encodeHex(rootFromLeaves(leaves.slice(0, size)))).toBe(root)
  })

  // The appendix "Subtree Test Vectors" of draft-ietf-plants-merkle-tree-certs: the output of each algorithm for every
  // valid input, empty subtrees included, as lines of text under one SHA-256.
  test('subtrees, their proofs and coverings up to 130 leaves have the digests of the draft', () => {
    const { wants } = json<{ wants: [string, string][] }>('transparency-dev-merkle/mtc-subtree-digests.json')
    const sizeMax = 130
    const node = nodesOver(Array.from({ length: sizeMax }, (_, i) => leafHash(Uint8Array.of(i))))
    const hashOf = (start: number, end: number) => encodeHex(hashOfNodes(nodesOfRange({ start, end }).map(node)))
    const proofOf = (plan: readonly (readonly Node[])[]) =>
      proofFromNodes(plan, plan.flat().map(node))
        .map((hash) => ` ${encodeHex(hash)}`)
        .join('')
    const [hashes, inclusions, consistencies, coverings] = Array.from({ length: 4 }, () => createHash('sha256'))
    for (let end = 0; end <= sizeMax; end++) {
      for (let start = 0; start <= end; start++) {
        const [left, right] = coveringSubtrees({ start, end })
        coverings!.update(`[${left.start}, ${left.end}) [${right.start}, ${right.end})\n`)
        if (!isSubtree({ start, end })) continue
        hashes!.update(`[${start}, ${end}) ${hashOf(start, end)}\n`)
        for (let index = start; index < end; index++)
          inclusions!.update(`${index} [${start}, ${end})${proofOf(subtreeInclusionPlan(index, { start, end }))}\n`)
      }
    }
    for (let size = 0; size <= sizeMax; size++)
      for (let end = 0; end <= size; end++)
        for (let start = 0; start <= end; start++)
          if (isSubtree({ start, end }))
            consistencies!.update(
              `[${start}, ${end}) ${size}${proofOf(subtreeConsistencyPlan({ start, end }, size))}\n`,
            )
    expect([hashes, inclusions, consistencies, coverings].map((hash) => hash!.digest('hex'))).toEqual(
      wants.map(([, want]) => want).filter((want) => want !== ''),
    )
  })
})

describe.skipIf(!here)('vectors of golang.org/x/mod/sumdb/note', () => {
  const path = 'golang-mod-sumdb/note-vectors.json'
  interface Notes {
    skey_peter: string
    text: string
    cases: { name: string; note: string; vkeys: string[]; ok: string[] | null }[]
    bad_vkeys: string[]
  }

  test('every note ends as it says', async () => {
    for (const { name, note, vkeys, ok } of json<Notes>(path).cases) {
      const names = async () =>
        (await verifyNote(parseNote(note), verifiersOf(vkeys))).map((signature) => signature.name)
      if (ok === null) await expect(names(), name).rejects.toThrow(AuditError)
      else expect(await names(), name).toEqual(ok)
    }
  })

  test('vkeys read as they are written, bad ones not at all', () => {
    const { cases, bad_vkeys } = json<Notes>(path)
    for (const vkey of cases.flatMap(({ vkeys }) => vkeys)) expect(formatVkey(parseVkey(vkey))).toBe(vkey)
    expect(bad_vkeys.length).toBeGreaterThan(0)
    for (const vkey of bad_vkeys)
      expect(() => parseVkey(vkey), vkey).toThrow(expect.objectContaining({ code: 'key_malformed' }))
  })

  test('signing with its key gives its note, to the byte', async () => {
    const { skey_peter, text, cases } = json<Notes>(path)
    const key = parseSkey(skey_peter)
    expect(formatSkey(key)).toBe(skey_peter)
    const signer = noteSigner(key.name, key.seed)
    expect(signer.keyId).toBe(key.keyId)
    expect(await signNote(text, signer)).toBe(cases.find(({ name }) => name === 'one known signature')!.note)
  })
})

test.skipIf(!here)('the signed note of the C2SP specification verifies and is written as it was read', async () => {
  const note = text('c2sp-examples/signed-note.txt')
  const vkey = text('c2sp-examples/signed-note.vkey').trim()
  expect(formatVkey(parseVkey(vkey))).toBe(vkey)
  expect(formatNote(parseNote(note))).toBe(note)
  expect(await verifyNote(parseNote(note), verifiersOf([vkey]))).toHaveLength(1)
  const changed = parseNote(note.replace('example message', 'exemplary message'))
  await expect(verifyNote(changed, verifiersOf([vkey]))).rejects.toThrow(AuditError)
})

test.skipIf(!here)('proof files of transparency-dev/formats end as they say', () => {
  const { bad, good_empty } = json<{ bad: string[]; good_empty: string }>(
    'transparency-dev-formats/tlog-proof-vectors.json',
  )
  expect(bad.length).toBeGreaterThan(0)
  for (const file of bad)
    expect(() => parseProofFile(file), file).toThrow(expect.objectContaining({ code: 'proof_malformed' }))
  expect(parseProofFile(good_empty)).toEqual({ index: 0, proof: [], checkpoint: 'checkpoint\n' })
  expect(formatProofFile(parseProofFile(good_empty))).toBe(good_empty)
})

describe('golden', () => {
  interface Golden {
    vkey: string
    checkpoints: string[]
    roots: string[]
    inclusion: { index: number; size: number; proof: string[] }
    consistency: { from: number; to: number; proof: string[] }
  }
  const golden = (name: string) => {
    const copy = readFileSync(new URL(name, copies), 'utf8')
    if (here) expect(text(`golden/${name}`), `the copy of ${name}`).toBe(copy)
    return copy
  }
  const log = () => JSON.parse(golden('log.json')) as Golden
  const proofFiles = ['entry-0-redacted.tlog-proof', 'entry-1.tlog-proof']
  /** The entry is the first part of `extra`; what follows are disclosures, checked elsewhere. */
  const leafOf = (name: string) =>
    leafHash(decodeBase64url(new TextDecoder().decode(parseProofFile(golden(name)).extra).split('~')[0]!)!)

  test('its checkpoints are signed, and commit to the roots it names', async () => {
    const { vkey, checkpoints, roots } = log()
    for (const [i, note] of checkpoints.entries()) {
      const { checkpoint } = await openCheckpoint(note, verifiersOf([vkey]))
      expect(checkpoint.size).toBe(i + 1)
      expect(encodeHex(checkpoint.root)).toBe(roots[i])
    }
  })

  test('its proofs are those we make of its leaves, and check', () => {
    const { roots, inclusion, consistency } = log()
    // The third leaf is known only as an element of the proofs of the others.
    const leaves = [...proofFiles.map(leafOf), hex(inclusion.proof[1]!)]
    expect(roots).toEqual([1, 2, 3].map((size) => encodeHex(rootFromLeaves(leaves.slice(0, size)))))
    const { index, size } = inclusion
    const included = proveInclusion(index, size, nodesOver(leaves))
    expect(included.map(encodeHex)).toEqual(inclusion.proof)
    checkInclusion({ leafHash: leaves[index]!, index, size, root: hex(roots[size - 1]!), proof: included })
    const { from, to } = consistency
    const grown = proveConsistency(from, to, nodesOver(leaves))
    expect(grown.map(encodeHex)).toEqual(consistency.proof)
    checkConsistency({ from, fromRoot: hex(roots[from - 1]!), to, toRoot: hex(roots[to - 1]!), proof: grown })
  })

  test.each(proofFiles)('%s proves its entry and is written as it was read', async (name) => {
    const file = golden(name)
    const parsed = parseProofFile(file)
    expect(formatProofFile(parsed)).toBe(file)
    const { checkpoint } = await checkProofFile(parsed, leafOf(name), verifiersOf([log().vkey]))
    expect(checkpoint.size).toBe(3)
    const stranger = checkProofFile(parsed, emptyRoot(), verifiersOf([log().vkey]))
    await expect(stranger).rejects.toThrow(expect.objectContaining({ code: 'proof_invalid' }))
  })
})

test('planning needs few reads: two a level of the tree', () => {
  const size = 2 ** 40 + 12_345
  expect(inclusionPlan(2 ** 39, size).flat().length).toBeLessThanOrEqual(80)
  expect(consistencyPlan(2 ** 39 + 1, size).flat().length).toBeLessThanOrEqual(80)
})

describe.skipIf(!here)('the folder of vectors', () => {
  test('has no file that nobody answers for', () => {
    expect(files.filter((path) => !belongsToOthers(path) && !ours.some((prefix) => path.startsWith(prefix)))).toEqual(
      [],
    )
  })

  test('has no file of ours that was not read', () => {
    const expected = files.filter((path) => !belongsToOthers(path))
    expect(expected.length).toBeGreaterThanOrEqual(204)
    expect(expected.filter((path) => !read.has(path))).toEqual([])
  })
})

afterAll(() => {
  if (!here) console.log('log vectors: no ../shared/vectors; only our own copies of golden ran')
  else {
    const counts = ours.map((prefix) => `${prefix} ${[...read].filter((path) => path.startsWith(prefix)).length}`)
    const left = Object.entries(others).map(([path, why]) => `${path} (${why})`)
    console.log(`log vectors: ${read.size} files ran: ${counts.join(', ')}. Not here: ${left.join(', ')}`)
  }
})
