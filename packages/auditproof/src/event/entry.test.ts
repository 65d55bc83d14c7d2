import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AuditError } from '../errors.ts'
import {
  decodeDisclosure, decodeEntry, disclosureDigest, encodeEntry, groups, groupValues, openDisclosures, sealEvent, takeSubmission,
} from './index.ts' // prettier-ignore
import { peekGroup } from './disclosure.ts'

const fixture = new URL('../../test/fixtures/golden/entries.json', import.meta.url)
const { entries } = JSON.parse(readFileSync(fixture, 'utf8')) as {
  entries: { entry: string; disclosures: { [group: string]: string[] } }[]
}
const golden = entries.map(({ entry, disclosures }) => ({ entry, disclosures: Object.values(disclosures).flat() }))
const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const codeOf = (run: () => unknown): string | undefined => {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof AuditError) return error.code
    throw error
  }
}

let drawn = 0
/** Sixteen bytes that never come twice. */
const newSalt = (): string => Buffer.from(String(drawn++).padStart(16, '0')).toString('base64url')

describe('an entry', () => {
  it('is read back to the same bytes', () => {
    for (const { entry } of golden) {
      const { digests, ...clear } = decodeEntry(bytesOf(entry))
      expect(encodeEntry(clear, [...digests])).toBe(entry)
    }
  })

  it('with one byte changed is refused, or is another entry in canonical form', () => {
    const bytes = bytesOf(golden[1]!.entry)
    let refused = 0
    for (let at = 0; at < bytes.length; at++)
      for (const byte of [
        0,
        0x20,
        0x22,
        0x2c,
        0x30,
        0x31,
        0x5c,
        0x7f,
        0x80,
        0xc3,
        0xff,
        bytes[at]! ^ 1,
        bytes[at]! ^ 0x20,
      ]) {
        if (byte === bytes[at]) continue
        const mutated = bytes.slice()
        mutated[at] = byte
        const code = codeOf(() => {
          const { digests, ...clear } = decodeEntry(mutated)
          expect(encodeEntry(clear, [...digests])).toBe(Buffer.from(mutated).toString('latin1'))
        })
        expect([undefined, 'entry_malformed', 'entry_version']).toContain(code)
        if (code !== undefined) refused += 1
      }
    expect(refused).toBeGreaterThan(bytes.length * 5)
  })

  it('with one byte more or less is refused, or is another entry in canonical form', () => {
    const text = golden[0]!.entry
    for (let at = 0; at <= text.length; at++)
      for (const mutated of [
        text.slice(0, at) + text.slice(at + 1),
        `${text.slice(0, at)} ${text.slice(at)}`,
        `${text.slice(0, at)}0${text.slice(at)}`,
      ]) {
        if (mutated === text) continue
        const code = codeOf(() => {
          const { digests, ...clear } = decodeEntry(bytesOf(mutated))
          expect(encodeEntry(clear, [...digests])).toBe(mutated)
        })
        expect([undefined, 'entry_malformed', 'entry_version']).toContain(code)
      }
  })

  it.each<[string, (text: string) => string]>([
    ['with an extra member', (text) => text.replace(',"v":1', ',"u":1,"v":1')],
    ['with a member twice', (text) => text.replace(',"v":1', ',"v":1,"v":1')],
    [
      'with members in another order',
      (text) => text.replace('"_sd_alg":"sha-256",', '').replace(',"v":1', ',"v":1,"_sd_alg":"sha-256"'),
    ],
    ['with an escape', (text) => text.replace('"success"', '"s\\u0075ccess"')],
    ['with a number written otherwise', (text) => text.replace('"v":1', '"v":1.0')],
    ['with digests that are not sorted', (text) => text.replace(/\["([^"]+)","([^"]+)"/, '["$2","$1"')],
    ['with a digest twice', (text) => text.replace(/\["([^"]+)","([^"]+)"/, '["$1","$1"')],
    ['with four digests', (text) => text.replace(/\["[^"]+",/, '[')],
    ['with another hash', (text) => text.replace('sha-256', 'sha-512')],
    ['with a producer count below zero', (text) => text.replace(/"n":\d+/, '"n":-1')],
    ['with a producer count beyond 2^53', (text) => text.replace(/"n":\d+/, '"n":9007199254740993')],
    ['with a day that does not exist', (text) => text.replaceAll('-14T', '-31T')],
    ['with an empty action', (text) => text.replace('case.delete', '')],
    ['with an action of 101 characters', (text) => text.replace('case.delete', 'a'.repeat(101))],
    ['with a blank at the end', (text) => `${text} `],
    ['with a BOM', (text) => `\u00EF\u00BB\u00BF${text}`],
    ['that is no JSON', () => '{'],
    ['that is null', () => 'null'],
    ['that is nothing', () => ''],
  ])('%s is malformed', (_, mutate) => {
    const text = golden[0]!.entry
    expect(mutate(text)).not.toBe(text)
    expect(codeOf(() => decodeEntry(bytesOf(mutate(text))))).toBe('entry_malformed')
  })

  it('of a later version says so, rather than that it is malformed', () => {
    const text = golden[0]!.entry.replace('"v":1', '"v":2')
    expect(codeOf(() => decodeEntry(bytesOf(text)))).toBe('entry_version')
  })
})

describe('disclosures', () => {
  const { digests } = decodeEntry(bytesOf(golden[1]!.entry))
  const { disclosures } = golden[1]!
  const open = (given: string[]): string | undefined => codeOf(() => openDisclosures(digests, given))

  it('are opened in any order, and told apart from those that are withheld', () => {
    const whole = openDisclosures(digests, disclosures)
    expect(whole.missing).toEqual([])
    expect(openDisclosures(digests, disclosures.toReversed())).toEqual(whole)
    const actor = disclosures.find((text) => decodeDisclosure(text).group === 'actor')!
    expect(openDisclosures(digests, [actor])).toMatchObject({
      values: { actor: whole.values.actor },
      missing: groups.slice(1),
    })
  })

  it('of single changes can be withheld one by one', () => {
    const changes = disclosures.filter((text) => decodeDisclosure(text).group === undefined)
    expect(changes.length).toBe(3)
    const { values, missing, missingChanges } = openDisclosures(
      digests,
      disclosures.filter((text) => text !== changes[1]),
    )
    expect({ missing, missingChanges }).toEqual({ missing: [], missingChanges: 1 })
    expect(values.changes?.map(({ path }) => path)).toEqual(['/status', '/note'])
  })

  it('of another entry are refused', () => {
    for (const text of golden[0]!.disclosures) expect(open([...disclosures, text])).toBe('digest_mismatch')
  })

  it('that stand twice are refused', () => {
    for (const text of disclosures) expect(open([...disclosures, text])).toBe('digest_mismatch')
  })

  it('of changes are refused without their group', () => {
    const group = disclosures.find((text) => decodeDisclosure(text).group === 'changes')!
    expect(open(disclosures.filter((text) => text !== group))).toBe('digest_mismatch')
  })

  it('with any character changed are refused', () => {
    for (const [i, text] of disclosures.entries())
      for (let at = 0; at < text.length; at += 3)
        for (const character of ['A', 'w', '_', '=', ' ', '+']) {
          if (text[at] === character) continue
          const mutated = text.slice(0, at) + character + text.slice(at + 1)
          expect(open(disclosures.with(i, mutated))).toMatch(/^(?:digest_mismatch|disclosure_malformed)$/)
        }
  })

  it.each([
    ['padded', 'WyJBQUFBQUFBQUFBQUFBQUFBQUFBQUFBIiwxXQ=='],
    ['with loose bits at its end', 'WyJBQUFBQUFBQUFBQUFBQUFBQUFBQUFBIiwxXR'],
    ['of no JSON', Buffer.from('["AAAAAAAAAAAAAAAAAAAAAA",').toString('base64url')],
    ['of no UTF-8', Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]).toString('base64url')],
    ['of a short salt', Buffer.from('["AAAA","actor",null]').toString('base64url')],
    ['of an unknown group', Buffer.from('["AAAAAAAAAAAAAAAAAAAAAA","secret",null]').toString('base64url')],
    ['of four', Buffer.from('["AAAAAAAAAAAAAAAAAAAAAA","actor",null,null]').toString('base64url')],
    ['of an object', Buffer.from('{"0":"AAAAAAAAAAAAAAAAAAAAAA"}').toString('base64url')],
    ['that is empty', ''],
  ])('%s are malformed', (_, text) => {
    expect(codeOf(() => decodeDisclosure(text))).toBe('disclosure_malformed')
  })

  it('show their group at a glance, or not at all, but never another', () => {
    for (const text of golden.flatMap(({ disclosures }) => disclosures)) {
      const { group } = decodeDisclosure(text)
      expect(peekGroup(text)).toBe(group ?? null)
    }
  })
})

describe('a sealed event', () => {
  const json = fc.jsonValue({ maxDepth: 4 })
  const event = fc.record(
    {
      outcome: fc.constantFrom('success', 'failure', 'denied', 'unknown'),
      actor: fc.record({ id: fc.string(), name: fc.string({ unit: 'grapheme' }) }, { requiredKeys: [] }),
      targets: fc.array(fc.record({ type: fc.string(), id: fc.string() }), { maxLength: 5 }),
      scope: fc.array(fc.string(), { maxLength: 3 }),
      context: fc.record({ ip: fc.ipV6(), requestId: fc.string() }, { requiredKeys: [] }),
      changes: fc.array(fc.record({ path: fc.string(), old: json, new: json }, { requiredKeys: ['path'] }), {
        maxLength: 6,
      }),
      details: fc.dictionary(fc.string(), json),
      reason: fc.string(),
    },
    { requiredKeys: [] },
  )
  const submissionOf = (input: unknown) =>
    takeSubmission('case.update', input, {
      now: '2026-01-01T00:00:00Z',
      newId: () => 'e-1',
      deriveId: () => 'e-2',
      producer: () => ({ id: 'p', boot: 'b', n: 0 }),
      defaultTenant: 't',
      origin: { kind: 'direct' },
      trusted: false,
    })

  it('opens again to what was submitted, whatever that was', () => {
    fc.assert(
      fc.property(event, (input) => {
        const submission = submissionOf(input)
        const sealed = sealEvent(submission, '2026-01-01T00:00:01Z', newSalt)
        const { digests } = decodeEntry(bytesOf(sealed.entry))
        expect(openDisclosures(digests, sealed.disclosures)).toEqual({
          values: JSON.parse(JSON.stringify(groupValues(submission))) as unknown,
          missing: [],
          missingChanges: 0,
        })
        for (const text of sealed.disclosures) {
          const { group } = decodeDisclosure(text)
          expect([group ?? null, undefined]).toContain(peekGroup(text))
        }
      }),
      { numRuns: 500 },
    )
  })

  it('tells nothing of an event by its entry: two of the same differ in every digest', () => {
    const submission = submissionOf({ actor: 'u', changes: [{ path: '/a', new: 1 }] })
    const [one, other] = [1, 2].map(() =>
      decodeEntry(bytesOf(sealEvent(submission, '2026-01-01T00:00:01Z', newSalt).entry)),
    )
    expect(new Set([...one!.digests, ...other!.digests]).size).toBe(10)
    expect(disclosureDigest('x')).toHaveLength(43)
  })

  it('is smaller than an entry may be, however large the event', () => {
    const noise = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, 'x'.repeat(50)]))
    const submission = submissionOf({ id: 'i'.repeat(64), details: noise, before: {}, after: noise })
    expect(sealEvent(submission, '2026-01-01T00:00:01.123456789Z', newSalt).entry.length).toBeLessThan(1000)
  })
})
