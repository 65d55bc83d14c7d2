import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAudit } from '../../src/index.ts'
import { acceptRollback, rolledBackLogs } from '../../src/sequencer/rollback.ts'
import { sqliteStore } from '../../src/store/sqlite/index.ts'
import { readSignerStates } from '../../src/cli/signer-states.ts'
import { runHere } from '../cli/run-here.ts'
import { temporaryDirectory } from '../faults/harness.ts'

const origin = 'restore.example'
let base = ''
let data = ''
beforeEach(() => {
  base = temporaryDirectory()
  data = join(base, 'data')
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

async function record(count: number, tenant = 'default'): Promise<void> {
  const audit = createAudit({ data, origin })
  for (let i = 0; i < count; i++) await audit.record('case.open', { tenant })
  await audit.close()
}

const run = (...args: string[]): ReturnType<typeof runHere> => runHere(['--data', data, ...args])
const copy = (): string => join(base, 'copy')
const accept = (): ReturnType<typeof runHere> => run('restore', '--accept-rollback', `--confirm=${origin}`)

/** What `makeRolledBack` has left, once for all tests: a copy of a store is a store. */
let rolledBack: string | undefined
afterAll(() => rolledBack !== undefined && rmSync(rolledBack, { recursive: true }))

async function rollBack(): Promise<void> {
  if (rolledBack === undefined) {
    await makeRolledBack()
    cpSync(base, (rolledBack = temporaryDirectory()), { recursive: true })
  } else cpSync(rolledBack, base, { recursive: true })
}

/** A backup, five events that are not in it, the checkpoint over them as somebody else keeps it, and the backup again. */
async function makeRolledBack(): Promise<void> {
  await record(3)
  expect(await run('backup', copy())).toMatchObject({ code: 0 })
  await record(5)
  await record(1, 'later')
  writeFileSync(join(base, 'newer.checkpoint'), (await run('checkpoint', '--tenant', 'default')).stdout)
  writeFileSync(join(base, 'store.vkey'), (await run('key')).stdout)
  const restored = await run('restore', copy(), '--replace')
  expect(restored).toMatchObject({ code: 1 })
  expect(restored.stderr).toContain('tenant default: 3 of 8 signed entries, 5 missing')
  expect(restored.stderr).toContain('(log not in the copy): 0 of 1 signed entries')
}

const verify = (...args: string[]): ReturnType<typeof runHere> =>
  run('verify', '--key', join(base, 'store.vkey'), ...args)

describe('a backup that is brought back', () => {
  it('into an empty place, with its keys, is the store it was, and is written to again', async () => {
    await record(3)
    expect(await run('backup', copy(), '--with-keys')).toMatchObject({ code: 0 })
    data = join(base, 'elsewhere')
    expect(await run('restore', copy())).toMatchObject({ code: 0, stdout: expect.stringContaining('verified: whole') })
    await record(1)
    expect(await run('verify')).toMatchObject({ code: 3 })
    const store = await sqliteStore({ path: join(data, 'audit.db'), name: '', readOnly: true })
    expect(await store.headOf('default')).toMatchObject({ size: 4 })
    await store.close()
  })

  it('takes the place of a store only when it is told to, and that one is moved aside whole', async () => {
    await record(3)
    await run('backup', copy(), '--read-only')
    const before = readFileSync(join(data, 'audit.db'))
    expect(await run('restore', copy())).toMatchObject({ code: 2, stderr: expect.stringContaining('--replace') })
    expect(await run('restore', copy(), '--replace')).toMatchObject({ code: 0 })
    const aside = readdirSync(data).find((name) => name.startsWith('replaced-'))!
    expect(readFileSync(join(data, aside, 'audit.db')).equals(before)).toBe(true)
    expect(readdirSync(data).filter((name) => name.includes('incomplete'))).toEqual([])
  })

  it('takes no place from a store that is in use: what it acknowledges would be lost', async () => {
    await record(1)
    await run('backup', copy())
    const audit = createAudit({ data })
    await audit.record('case.open')
    expect(await run('restore', copy(), '--replace')).toMatchObject({ code: 5, stderr: expect.stringContaining('in use') }) // prettier-ignore
    await audit.record('case.open')
    await audit.close()
    expect(readdirSync(data).filter((name) => /replaced|restored/.test(name))).toEqual([])
  })

  it('takes no place at all when it was tampered with, or is another store’s', async () => {
    await record(3)
    await run('backup', copy())
    const db = new DatabaseSync(join(copy(), 'audit.db'))
    db.exec('DROP TRIGGER entry_no_update')
    db.exec('UPDATE entry SET leaf_hash = randomblob(32) WHERE position = (SELECT max(position) FROM entry)')
    db.close()
    // Reading signer.db may leave its -wal and -shm behind.
    const names = (): string[] => readdirSync(data).filter((name) => !/-wal$|-shm$/.test(name))
    const before = names()
    expect(await run('restore', copy(), '--replace')).toMatchObject({ code: 1, stderr: expect.stringContaining('does not verify') }) // prettier-ignore
    expect(names()).toEqual(before)
    await runHere(['record', 'a.b', '--data', join(base, 'other')])
    expect(await run('restore', join(base, 'other'), '--replace')).toMatchObject({ code: 5, stderr: expect.stringContaining('is that of') }) // prettier-ignore
    expect(names()).toEqual(before)
  })
})

describe('an older copy', () => {
  it('is read, and not written to, until a person accepts it by the name of the store', async () => {
    await rollBack()
    expect(await verify()).toMatchObject({ code: 1, stdout: expect.stringContaining('TAMPERED') })
    expect(await run('log')).toMatchObject({ code: 0 })
    const refused = createAudit({ data })
    await expect(refused.record('case.open')).rejects.toMatchObject({ code: 'store_rolled_back' })
    await refused.close()
    expect(await run('restore', '--accept-rollback', '--confirm=yes')).toMatchObject({ code: 2 })
    const still = createAudit({ data })
    await expect(still.record('case.open')).rejects.toMatchObject({ code: 'store_rolled_back' })
    await still.close()
    expect(await accept()).toMatchObject({ code: 0, stderr: expect.stringContaining('recorded in _system') })
    await record(1)
    expect(await accept()).toMatchObject({ code: 0, stderr: expect.stringContaining('nothing to accept') })
  })

  it('that was accepted is told by every verification, and is never verified without a word', async () => {
    await rollBack()
    await accept()
    await record(20)
    const { code, stdout } = await verify()
    expect(code).toBe(0)
    expect(stdout).toContain('what is gone by a rollback accepted')
    expect(stdout).toContain('default had 8 signed entries and came back with 3')
    const { notChecked } = JSON.parse((await verify('--json')).stdout) as { notChecked: string[] }
    expect(notChecked[0]).toContain('default had 8 signed entries and came back with 3')
    expect((await run('doctor')).stdout).toMatch(/! rollback .*accepted once/)
    // Also when the state of the signer is lost.
    rmSync(join(data, 'signer.db'))
    expect((await verify()).stdout).toContain('default had 8 signed entries and came back with 3')
  })

  it('stays a rollback for whoever holds a newer checkpoint, whatever is recorded afterwards', async () => {
    await rollBack()
    await accept()
    for (const more of [0, 4, 20]) {
      await record(more)
      const { code, stdout } = await verify('--since', join(base, 'newer.checkpoint'))
      expect({ more, code }).toEqual({ more, code: 1 })
      expect(stdout).toContain('earlier checkpoint')
    }
  })

  it('whose acceptance was interrupted is told too, and its record is made by accepting again', async () => {
    await rollBack()
    const store = await sqliteStore({ path: join(data, 'audit.db'), name: '', readOnly: true })
    const lost = rolledBackLogs(readSignerStates(join(data, 'signer.db'))!, await store.heads())
    await store.close()
    acceptRollback(data, lost, '2026-01-01T00:00:00.000Z')
    expect((await verify()).stdout).toContain('of which _system has no record')
    expect(await accept()).toMatchObject({ code: 0, stderr: expect.stringContaining('earlier acceptance') })
    const { stdout } = await verify()
    expect(stdout).not.toContain('no record')
    expect(stdout).toContain('default had 8 signed entries and came back with 3')
  })

  it('cannot be accepted where it was changed as well', async () => {
    await rollBack()
    const db = new DatabaseSync(join(data, 'audit.db'))
    db.exec('DROP TRIGGER entry_no_update')
    db.exec('UPDATE entry SET leaf_hash = randomblob(32) WHERE position = (SELECT max(position) FROM entry)')
    db.close()
    expect(await accept()).toMatchObject({ code: 1, stderr: expect.stringContaining('it was changed') })
  })

  it('is kept by the signer append-only, and neither record of it can be erased', async () => {
    await rollBack()
    await accept()
    const db = new DatabaseSync(join(data, 'signer.db'))
    expect(db.prepare('SELECT count(*) AS n FROM accepted_rollback').get()).toMatchObject({ n: 4 })
    for (const sql of ['DELETE FROM accepted_rollback', 'UPDATE accepted_rollback SET size = 0'])
      expect(() => db.exec(sql)).toThrow('append-only')
    db.close()
    const audit = createAudit({ data })
    const { store } = await audit.opened()
    const [found] = await store.find(acceptedId(), '_system')
    const submission = JSON.stringify({ id: 'e', tenant: '_system' })
    await expect(store.eraseContent({ tenant: '_system', items: [{ index: found!.index, groups: ['details'] }], submission })).rejects.toMatchObject({ code: 'erase_refused' }) // prettier-ignore
    await audit.close()
  })

  it('a state of the signer that was set back by hand is what the word in verify is about: without it there is none', async () => {
    await rollBack()
    const db = new DatabaseSync(join(data, 'signer.db'))
    db.exec('DELETE FROM signed')
    db.close()
    await record(1)
    expect((await verify()).stdout).not.toContain('rollback accepted')
    expect(await verify('--since', join(base, 'newer.checkpoint'))).toMatchObject({ code: 1 })
  })
})

function acceptedId(): string {
  const db = new DatabaseSync(join(data, 'signer.db'), { readOnly: true })
  const row = db.prepare('SELECT id FROM accepted_rollback').get()
  db.close()
  return `${String(row?.['id'])}-0`
}

it('restore names what is wrong with how it was called', async () => {
  expect(await run('restore')).toMatchObject({ code: 2 })
  expect(await run('restore', copy(), '--accept-rollback')).toMatchObject({ code: 2 })
  expect(await run('restore', copy())).toMatchObject({ code: 2, stderr: expect.stringContaining('no backup') })
  expect(existsSync(data)).toBe(false)
})
