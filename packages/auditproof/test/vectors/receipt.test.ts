import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decodeBase64, encodeBase64, formatVkey, parseVkey, vkeyFor } from '../../src/log/index.ts'
import { formatReceipt, parseReceipt, verifyReceipt } from '../../src/verify/index.ts'

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/golden/${name}`, import.meta.url), 'utf8')
const { vkey } = JSON.parse(fixture('log.json')) as { vkey: string }
const redacted = fixture('entry-0-redacted.tlog-proof')
const whole = fixture('entry-1.tlog-proof')
const { entries } = JSON.parse(fixture('entries.json')) as {
  entries: { clear: { id: string }; values: Record<string, unknown> }[]
}

describe('the golden receipts', () => {
  it('verify with the key of their log, and give the event', async () => {
    const report = await verifyReceipt(whole, { key: vkey })
    expect(report).toMatchObject({
      verdict: 'verified',
      reason: null,
      index: 1,
      size: 3,
      withheld: [],
      withheldChanges: 0,
      notChecked: [],
    })
    const { targets, changes, ...rest } = report.event
    expect(rest).toMatchObject(entries[1]!.clear)
    expect({ targets }).toEqual(entries[1]!.values['target'])
    expect(changes).toEqual(entries[1]!.values['changes'])
  })

  it('verify redacted, with the groups named that are withheld', async () => {
    const report = await verifyReceipt(redacted, { key: `${vkey}\n` })
    expect(report).toMatchObject({ verdict: 'verified', withheld: ['actor', 'context', 'changes', 'details'] })
    expect(report.event).toMatchObject(entries[0]!.clear)
    expect(report.event.actor).toBeUndefined()
  })

  it('come out byte for byte when they are formatted again', () => {
    for (const text of [whole, redacted]) expect(formatReceipt(parseReceipt(text))).toBe(text)
  })

  it('say not-checkable without a key, or with that of another log', async () => {
    expect(await verifyReceipt(whole)).toMatchObject({ verdict: 'not-checkable', notChecked: ['signer not pinned'] })
    const other = formatVkey(vkeyFor('audit.example.org/gold', parseVkey(vkey).publicKey))
    const report = await verifyReceipt(whole, { key: other })
    expect(report.verdict).toBe('not-checkable')
    expect(report.reason).toContain('audit.example.org/gold')
  })

  it('verify with the key of the store, whose logs have names below its own', async () => {
    const store = formatVkey(vkeyFor('audit.example.org', parseVkey(vkey).publicKey))
    expect(await verifyReceipt(whole, { key: store })).toMatchObject({ verdict: 'verified' })
  })
})

describe('no receipt verifies', () => {
  it('with any one bit flipped', async () => {
    const bytes = Buffer.from(redacted)
    let flips = 0
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(await verdictOf(flipped), `bit ${bit}, byte ${bit >> 3} (${JSON.stringify(redacted[bit >> 3])})`).not.toBe(
        'verified',
      )
      flips++
    }
    expect(flips).toBe(bytes.length * 8)
  })

  it('with any one bit of what extra holds flipped, spelt again as it should be', async () => {
    const extra = decodeBase64(/^extra (.*)$/m.exec(redacted)![1]!)!
    for (let bit = 0; bit < extra.length * 8; bit++) {
      const flipped = extra.slice()
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(await verdictOf(withExtra(redacted, flipped)), `bit ${bit}`).not.toBe('verified')
    }
  })

  it('with any one bit of the entry flipped, spelt again as it should be', async () => {
    const receipt = parseReceipt(redacted)
    for (let bit = 0; bit < receipt.entry.length * 8; bit++) {
      const entry = receipt.entry.slice()
      entry[bit >> 3]! ^= 1 << (bit & 7)
      expect(await verdictOf(formatReceipt({ ...receipt, entry })), `bit ${bit}`).not.toBe('verified')
    }
  })

  it.each([
    ['nothing', ''],
    ['no entry', '~'],
    ['no ~ at the end', extraText(whole).slice(0, -1)],
    ['an empty disclosure', extraText(whole).replace('~', '~~')],
    ['a blank at the end', `${extraText(whole)} `],
    ['a line at the end', `${extraText(whole)}\n`],
    ['a byte order mark', `\uFEFF${extraText(whole)}`],
    ['padding', extraText(whole).replace('~', '=~')],
    ['a disclosure twice', `${extraText(whole)}${extraText(whole).split('~')[1]}~`],
    ['a disclosure of another event', `${extraText(whole)}${extraText(redacted).split('~')[1]}~`],
    ['more text behind', `${extraText(whole)}~more`],
  ])('with %s in extra', async (_name, text) => {
    expect(await verdictOf(withExtra(whole, new TextEncoder().encode(text)))).not.toBe('verified')
  })

  it('without extra', async () => {
    expect(await verdictOf(whole.replace(/^extra .*\n/m, ''))).not.toBe('verified')
  })

  it('under an older checkpoint of its log, or that of another', async () => {
    const { checkpoints } = JSON.parse(fixture('log.json')) as { checkpoints: string[] }
    const receipt = parseReceipt(whole)
    for (const checkpoint of checkpoints.slice(0, 2))
      expect(await verdictOf(formatReceipt({ ...receipt, checkpoint }))).not.toBe('verified')
    expect(await verdictOf(whole.replaceAll('audit.example.org/golden', 'audit.example.org/silver'))).not.toBe(
      'verified',
    )
  })
})

describe('the order of disclosures in a receipt', () => {
  it('is free', async () => {
    const receipt = parseReceipt(whole)
    expect(await verdictOf(formatReceipt({ ...receipt, disclosures: receipt.disclosures.toReversed() }))).toBe(
      'verified',
    )
  })

  it('lets single changes be withheld', async () => {
    const receipt = parseReceipt(whole)
    const disclosures = receipt.disclosures.filter(
      (text) => !Buffer.from(text, 'base64url').toString().includes('"/fee"'),
    )
    expect(disclosures.length).toBe(receipt.disclosures.length - 1)
    const report = await verifyReceipt(formatReceipt({ ...receipt, disclosures }), { key: vkey })
    expect(report).toMatchObject({ verdict: 'verified', withheld: [], withheldChanges: 1 })
    expect(report.event.changes?.map(({ path }) => path)).toEqual(['/status', '/note'])
  })
})

async function verdictOf(receipt: string | Uint8Array): Promise<string> {
  try {
    return (await verifyReceipt(receipt, { key: vkey })).verdict
  } catch (error) {
    return (error as { code: string }).code
  }
}

function extraText(receipt: string): string {
  return new TextDecoder('latin1').decode(decodeBase64(/^extra (.*)$/m.exec(receipt)![1]!))
}

function withExtra(receipt: string, extra: Uint8Array): string {
  return receipt.replace(/^extra .*$/m, `extra ${encodeBase64(extra)}`)
}
