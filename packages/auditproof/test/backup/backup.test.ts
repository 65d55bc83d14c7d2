import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, backup } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { verifyStore } from '../../src/evidence/index.ts'
import { createAudit } from '../../src/index.ts'
import { readEvent } from '../../src/reader/index.ts'
import { openKey } from '../../src/sequencer/key-file.ts'
import { sqliteStore } from '../../src/store/sqlite/index.ts'
import { runHere } from '../cli/run-here.ts'
import { acksIn, type Acks } from '../faults/check-store.ts'
import { ended, startWorkload, temporaryDirectory } from '../faults/harness.ts'

let base = ''
let data = ''
beforeEach(() => {
  base = temporaryDirectory()
  data = join(base, 'data')
  mkdirSync(data)
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

async function record(count: number, details: object = {}): Promise<void> {
  const audit = createAudit({ data, origin: 'faults.example' })
  await Promise.all(Array.from({ length: count }, () => audit.record('case.open', { details: { ...details } })))
  await audit.close()
}

const run = (...args: string[]): ReturnType<typeof runHere> => runHere(['--data', data, ...args])

it('a backup made while four processes record holds all that was acknowledged before, and verifies', async () => {
  // 4 processes of 16 callers each.
  const writers = ['a', 'b', 'c', 'd'].map((label) => startWorkload({ data, events: 4_000, label }))
  const ends = writers.map(ended)
  onTestFinished(() => writers.forEach((writer) => writer.kill('SIGKILL')))
  await expect.poll(() => acksIn(data).stored.size, { timeout: 30_000 }).toBeGreaterThan(1_000)
  // Several: one that is made just when the log beside the file has been written into it loses nothing.
  const naive: { path: string; acks: Acks }[] = []
  for (let n = 0; n < 5; n++) {
    naive.push({ path: join(base, `naive-${n}.db`), acks: acksIn(data) })
    cpSync(join(data, 'audit.db'), naive[n]!.path)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const before = acksIn(data)
  const made = await run('backup', join(base, 'copy'))
  const during = acksIn(data).stored.size
  expect(made, made.stderr).toMatchObject({ code: 0 })
  expect(made.stdout).toContain('verified: whole')
  // Else it was no backup beside writers.
  expect(during).toBeGreaterThan(before.stored.size)
  for (const writer of writers) writer.kill('SIGKILL')
  await Promise.all(ends)

  const key = openKey(data, undefined).vkey
  expect(await judge(join(base, 'copy/audit.db'), before, key)).toEqual({ lost: 0, verdict: 'verified' })
  // The file without what stands beside it is no backup: this is how one that loses something looks.
  const lost: number[] = []
  for (const { path, acks } of naive) lost.push((await judge(path, acks, key)).lost)
  expect(lost.some((count) => count !== 0)).toBe(true)
})

async function judge(path: string, { stored }: Acks, key: string): Promise<{ lost: number; verdict: string }> {
  const copy = await sqliteStore({ path, name: '', readOnly: true })
  try {
    let lost = 0
    for (const [id, { tenant, index }] of stored) if ((await copy.find(id, tenant))[0]?.index !== index) lost += 1
    return { lost, verdict: (await verifyStore(copy, { key })).verdict }
  } catch (error) {
    return { lost: Number.NaN, verdict: String(error) }
  } finally {
    await copy.close()
  }
}

describe('auditproof backup', () => {
  it('says what is in the copy and what is not, and records in _system that it was made', async () => {
    await record(3)
    const { stdout } = await run('backup', join(base, 'copy'))
    expect(stdout).toMatch(/3 logs, \d+ entries, [\d,]+ bytes\nnewest checkpoint of the meta log: \d+ \S+=\n/)
    expect(stdout).toContain('not in it: signer.key, signer.db, import.key')
    expect(readdirSync(join(base, 'copy'))).toEqual(['audit.db'])
    expect(statSync(join(base, 'copy/audit.db')).mode & 0o777).toBe(0o600)
    const store = await sqliteStore({ path: join(data, 'audit.db'), name: '', readOnly: true })
    const { size } = (await store.headOf('_system'))!
    const { event } = await readEvent(store, { tenant: '_system', index: size - 1 })
    await store.close()
    expect(event).toMatchObject({ action: 'store.backup', details: { to: join(base, 'copy/audit.db'), logs: 3 } })
  })

  it('overwrites nothing, and leaves nothing half made', async () => {
    await record(1)
    writeFileSync(join(base, 'there.db'), 'somebody’s')
    expect(await run('backup', join(base, 'there.db'))).toMatchObject({ code: 2, stderr: expect.stringContaining('never overwritten') }) // prettier-ignore
    expect(readFileSync(join(base, 'there.db'), 'utf8')).toBe('somebody’s')
    expect(readdirSync(base).toSorted()).toEqual(['data', 'there.db'])
  })

  it('takes the keys only when it is told to, and then into a directory', async () => {
    await record(1)
    expect(await run('backup', join(base, 'copy.db'), '--with-keys')).toMatchObject({ code: 2 })
    expect(await run('backup', join(base, 'copy'), '--with-keys')).toMatchObject({ code: 0 })
    expect(readdirSync(join(base, 'copy')).toSorted()).toEqual(['audit.db', 'import.key', 'signer.db', 'signer.key'])
    for (const name of readdirSync(join(base, 'copy')))
      expect(statSync(join(base, 'copy', name)).mode & 0o777, name).toBe(0o600)
    expect(await runHere(['verify', '--data', join(base, 'copy')])).toMatchObject({ code: 3 })
  })

  it('of a store that was tampered with is made, and ends with 1', async () => {
    await record(3)
    const db = new DatabaseSync(join(data, 'audit.db'))
    db.exec('DROP TRIGGER content_no_update')
    db.exec("UPDATE content SET action = 'case.close' WHERE rowid = (SELECT min(rowid) FROM content)")
    db.close()
    const made = await run('backup', join(base, 'copy.db'))
    expect(made).toMatchObject({ code: 1, stderr: expect.stringContaining('does not verify') })
    expect(existsSync(join(base, 'copy.db'))).toBe(true)
    expect(await run('backup', join(base, 'unverified.db'), '--no-verify')).toMatchObject({ code: 0 })
  })

  it('records nothing with --read-only, and makes no store where there is none', async () => {
    await record(1)
    const before = readFileSync(join(data, 'audit.db'))
    expect(await run('backup', join(base, 'copy.db'), '--read-only')).toMatchObject({ code: 0 })
    expect(readFileSync(join(data, 'audit.db')).equals(before)).toBe(true)
    expect(await runHere(['backup', join(base, 'x.db'), '--data', join(base, 'nowhere')])).toMatchObject({ code: 5 })
    expect(existsSync(join(base, 'nowhere'))).toBe(false)
  })

  it('has nothing of freed pages in it, where a copy of the pages would have', async () => {
    await record(200, { text: 'needle in a freed page' })
    const path = join(data, 'audit.db')
    const db = new DatabaseSync(path)
    // A switch: without secure_delete, as a store that another program has deleted from.
    db.exec('PRAGMA secure_delete = OFF; CREATE TABLE spare AS SELECT disclosures FROM content; DROP TABLE spare')
    db.exec("INSERT INTO pending (submission) SELECT 'needle in a deleted row' FROM content; DELETE FROM pending")
    await backup(db, join(base, 'pages.db'))
    db.close()
    expect(readFileSync(join(base, 'pages.db')).includes('needle in a deleted row')).toBe(true)
    expect(await run('backup', join(base, 'copy.db'), '--read-only')).toMatchObject({ code: 0 })
    expect(readFileSync(join(base, 'copy.db')).includes('needle in a deleted row')).toBe(false)
  })
})
