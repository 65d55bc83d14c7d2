/**
 * Tools that know nothing of auditproof verify what it exports: a program on golang.org/x/mod/sumdb reads a directory of
 * tiles and a receipt, and refuses both when a byte is changed. It needs Go and that library, in Debian
 * golang-golang-x-mod-dev; without them it is skipped here, and fails in CI.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAudit, type Audit } from '../../src/audit.ts'
import { makeReceipt, writeTiles } from '../../src/evidence/index.ts'

const goPath = process.env['AUDITPROOF_GOPATH'] ?? '/usr/share/gocode'
const missing = whatIsMissing()
if (missing !== undefined) {
  if (process.env['CI'] === 'true') throw new Error(`The outside verifier cannot run: ${missing}.`)
  console.warn(`SKIPPED, the outside verifier: ${missing}. apt-get install golang-go golang-golang-x-mod-dev`)
}

function whatIsMissing(): string | undefined {
  if (spawnSync('go', ['version']).status !== 0) return 'there is no Go'
  return existsSync(join(goPath, 'src/golang.org/x/mod/sumdb/tlog'))
    ? undefined
    : `there is no golang.org/x/mod under ${goPath}`
}

describe.skipIf(missing !== undefined)('golang.org/x/mod/sumdb', () => {
  const directory = mkdtempSync(join(tmpdir(), 'auditproof-outside-'))
  const program = join(directory, 'verify')
  const tiles = join(directory, 'tiles')
  const entries = 600
  let audit: Audit
  let vkey: string

  beforeAll(async () => {
    const source = fileURLToPath(new URL('verify.go', import.meta.url))
    const env = { ...process.env, GO111MODULE: 'off', GOPATH: goPath, GOFLAGS: '', GOCACHE: join(directory, 'cache') }
    execFileSync('go', ['build', '-o', program, source], { env })
    audit = createAudit({ data: join(directory, 'data'), origin: 'outside.example' })
    await Promise.all(
      Array.from({ length: entries }, (_, n) =>
        audit.record('case.update', { target: `case/c_${n}`, details: { n, name: 'Müller' } }),
      ),
    )
    await audit.publish()
    const { store, signer } = await audit.opened()
    await writeTiles(store, 'default', tiles, { vkey: signer!.vkey })
    vkey = readFileSync(join(tiles, 'vkey'), 'utf8').trim()
  }, 300_000)
  afterAll(async () => {
    await audit.close()
    rmSync(directory, { recursive: true })
  })

  const outside = (...args: string[]): { status: number | null; text: string } => {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
    return { status, text: stdout + stderr }
  }

  it('verifies a log from its tiles: signature, root, every entry', () => {
    expect(outside('tiles', tiles, vkey)).toEqual({
      status: 0,
      text: expect.stringContaining(`${entries} entries`) as string,
    })
  })

  it.each([
    'checkpoint',
    'tile/0/000',
    'tile/0/002.p/88',
    'tile/1/000.p/2',
    'tile/entries/001',
    'tile/entries/002.p/88',
  ])('refuses the log when a byte of %s is changed', (path) => {
    const file = join(tiles, path)
    const good = readFileSync(file)
    const bad = Buffer.from(good)
    bad[bad.length >> 1]! ^= 1
    writeFileSync(file, bad)
    try {
      expect(outside('tiles', tiles, vkey).status).toBe(1)
    } finally {
      writeFileSync(file, good)
    }
  })

  it('verifies the receipt of any event, redacted or not', async () => {
    const { store } = await audit.opened()
    for (const index of [0, 1, 255, 256, 511, 512, entries - 1])
      for (const groups of [undefined, ['target'] as const]) {
        const file = join(directory, `${index}.tlog-proof`)
        writeFileSync(
          file,
          await makeReceipt(store, { tenant: 'default', index }, groups === undefined ? {} : { groups }),
        )
        expect(outside('receipt', file, vkey)).toEqual({
          status: 0,
          text: expect.stringContaining(`entry ${index} of ${entries}`) as string,
        })
      }
  })

  it('refuses a receipt whose entry was changed', async () => {
    const { store } = await audit.opened()
    const receipt = await makeReceipt(store, { tenant: 'default', index: 7 })
    const extra = Buffer.from(/^extra (.*)$/m.exec(receipt)![1]!, 'base64').toString()
    const [entry = '', ...rest] = extra.split('~')
    const changed = Buffer.from(Buffer.from(entry, 'base64url').toString().replace('"success"', '"failure"')).toString(
      'base64url',
    )
    const file = join(directory, 'changed.tlog-proof')
    writeFileSync(
      file,
      receipt.replace(/^extra .*$/m, `extra ${Buffer.from([changed, ...rest].join('~')).toString('base64')}`),
    )
    expect(outside('receipt', file, vkey).status).toBe(1)
  })

  it('verifies our golden receipts', () => {
    const golden = fileURLToPath(new URL('../fixtures/golden/', import.meta.url))
    const { vkey: goldenKey } = JSON.parse(readFileSync(join(golden, 'log.json'), 'utf8')) as { vkey: string }
    for (const name of ['entry-0-redacted', 'entry-1'])
      expect(outside('receipt', join(golden, `${name}.tlog-proof`), goldenKey).status).toBe(0)
  })
})
