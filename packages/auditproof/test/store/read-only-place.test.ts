import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAudit } from '../../src/index.ts'
import { SqliteReader } from '../../src/store/sqlite/reader.ts'
import { SqliteWriter } from '../../src/store/sqlite/writer.ts'
import { EventMaker, TestSources } from '../../src/testing/index.ts'
import { runHere } from '../cli/run-here.ts'

const base = mkdtempSync(join(tmpdir(), 'auditproof-read-only-'))
chmodSync(base, 0o755)
const nobody = 65534
let number = 0
let directory = ''
let undo = (): void => {}
beforeEach(() => mkdirSync((directory = join(base, String(number++)))))
afterEach(() => {
  undo()
  undo = () => {}
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

const path = (): string => join(directory, 'audit.db')
const batch = JSON.stringify(new EventMaker(new TestSources()).makeMany(3))

/** Root may write everywhere, whatever the mode says; so it is somebody else for the time of the test. */
function takeAwayWriting(): void {
  if (process.getuid!() === 0) {
    for (const name of readdirSync(directory)) chownSync(join(directory, name), nobody, nobody)
    chownSync(directory, nobody, nobody)
  }
  chmodSync(directory, 0o500)
  if (process.getuid!() === 0) process.seteuid!(nobody)
  undo = () => {
    if (process.getuid!() === 0) process.seteuid!(0)
    chmodSync(directory, 0o700)
  }
}

function giveWritingBack(): void {
  undo()
  undo = () => {}
}

function store(): SqliteWriter {
  const writer = new SqliteWriter({ path: path(), newStoreName: 'read-only.example' })
  writer.append(batch)
  return writer
}

describe.runIf(process.platform !== 'win32')('a store in a directory that cannot be written to', () => {
  it('is read as it lies, and nothing is made beside it', () => {
    store().close()
    takeAwayWriting()
    const reader = new SqliteReader(path())
    expect(reader.headOf('acme')).toMatchObject({ size: 3 })
    expect(reader.inspect().find(({ name }) => name === 'write-ahead log')).toMatchObject({ ok: true })
    reader.close()
    expect(readdirSync(directory)).toEqual(['audit.db'])
  })

  it('is refused with what to do, while its newest events lie in a write-ahead log', () => {
    const writer = store()
    cpSync(path(), join(base, 'copy'))
    cpSync(`${path()}-wal`, join(base, 'copy-wal'))
    writer.close()
    cpSync(join(base, 'copy'), path())
    cpSync(join(base, 'copy-wal'), `${path()}-wal`)
    takeAwayWriting()
    expect(() => new SqliteReader(path()).heads()).toThrow(
      expect.objectContaining({
        code: 'store_unavailable',
        hint: expect.stringContaining('copy the file with its -wal'),
      }),
    )
  })

  it('is not read as unchanging any more, once somebody else writes to it', () => {
    store().close()
    takeAwayWriting()
    const reader = new SqliteReader(path())
    expect(reader.headOf('acme')).toMatchObject({ size: 3 })
    giveWritingBack()
    const writer = store()
    writer.append(batch.replaceAll('event-', 'later-'))
    expect(reader.headOf('acme')).toMatchObject({ size: 6 })
    reader.close()
    writer.close()
  })
})

/** Whether this machine lets us mount, which containers often do not; the claims above hold without it. */
function mountReadOnly(from: string, to: string): boolean {
  try {
    execFileSync('mount', ['--bind', from, to], { stdio: 'ignore' })
    execFileSync('mount', ['-o', 'remount,ro,bind', to], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

it('a store on a read-only mount is verified, with the state of its signer', async (test) => {
  const audit = createAudit({ data: directory, origin: 'read-only.example' })
  await audit.record('case.open')
  await audit.close()
  const medium = join(base, 'medium')
  mkdirSync(medium)
  test.skip(!mountReadOnly(directory, medium), 'mounting is not possible here')
  undo = () => void execFileSync('umount', ['-l', medium])
  const { code, stdout, stderr } = await runHere(['verify', '--data', medium])
  expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
  expect(stdout).toContain('3 logs are what was signed last')
  expect((await runHere(['doctor', '--data', medium])).stdout).toContain('can only be read')
})
