/**
 * An event of a transaction exists if and only if that committed: whatever is rolled back, killed, stopped, cut off or
 * refused by the server. The application's own table says what was committed.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createAudit } from '../../src/audit.ts'
import { tries } from '../effort.ts'
import { newSeed, seededRandom } from '../faults/harness.ts'
import { newStoreDatabase, type StoreDatabase } from './store-database.ts'
import { drained, storedIn, verdictOf } from './stored.ts'

const changes = Number(process.env['AUDITPROOF_CHANGES'] ?? tries(1_000, 200))
const each = 120

test(`of ${changes} changes each committed one has its event, and no other`, async () => {
  const { problems, tried, committed, faults, verdict } = await run('inside', changes)
  expect(problems).toEqual([])
  expect(verdict).toEqual({ verdict: 'verified', problems: [] })
  expect(tried).toBeGreaterThanOrEqual(changes)
  expect(committed).toBeGreaterThan(changes / 4)
  expect(committed).toBeLessThan(tried)
  expect(faults.killed).toBeGreaterThan(0)
  console.log(`changes: ${tried} tried, ${committed} committed; ${JSON.stringify(faults)}`)
})

test('an event that is written outside of the transaction does not come out even', async () => {
  const { problems } = await run('outside', 60)
  expect(problems.length).toBeGreaterThan(0)
})

type Faults = Record<'killed' | 'stopped' | 'terminated', number>

async function run(
  where: 'inside' | 'outside',
  count: number,
): Promise<{
  problems: string[]
  tried: number
  committed: number
  faults: Faults
  verdict: { verdict: string; problems: string[] }
}> {
  const seed = newSeed()
  const random = seededRandom(seed)
  const database = await newStoreDatabase()
  await database.query('CREATE TABLE change (id text PRIMARY KEY)')
  await database.query('CREATE TABLE counter AS SELECT id, 0 AS n FROM generate_series(0, 3) AS id')
  await database.query('GRANT ALL ON change, counter TO public')
  const data = mkdtempSync(join(tmpdir(), 'auditproof-changes-'))
  const audit = createAudit({ data, store: database.appUrl })
  const faults: Faults = { killed: 0, stopped: 0, terminated: 0 }
  try {
    await audit.ready()
    const tried = (): number => linesOf(join(data, 'tried'))
    for (let n = 0; tried() < count; n++) {
      const child = startChild([database.appUrl, data, `c${n}`, String(each), String(seed + n), where])
      // One in three ends by itself.
      const killAt = n % 3 === 2 ? Number.POSITIVE_INFINITY : tried() + each * (0.3 + 0.6 * random())
      if (where === 'inside') await disturb(child, () => tried() >= killAt, database, random, faults)
      const stderr = await ended(child)
      expect(stderr, `AUDITPROOF_SEED=${seed}`).toBe('')
    }
    await drained(database.query)
    const { store } = await audit.opened()
    const stored = await storedIn(store)
    const made = new Set((await database.query('SELECT id FROM change')).map(({ id }) => id as string))
    const problems = [
      ...stored.problems,
      ...[...made].filter((id) => !stored.events.has(id)).map((id) => `${id} was committed and has no event`),
      ...[...stored.events.keys()]
        .filter((id) => !made.has(id))
        .map((id) => `${id} has an event and was not committed`),
    ]
    return { problems, tried: tried(), committed: made.size, faults, verdict: await verdictOf(audit) }
  } finally {
    await audit.close()
    rmSync(data, { recursive: true })
    await database.drop()
  }
}

function startChild(args: readonly string[]): ChildProcess {
  const module = new URL('changes-workload.ts', import.meta.url).pathname
  return spawn(process.execPath, ['--conditions=auditproof-source', module, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}

function ended(child: ChildProcess): Promise<string> {
  let stderr = ''
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(stderr)
    else child.on('close', () => resolve(stderr))
  })
}

const linesOf = (path: string): number => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0)

/** Until it ends, or is killed. */
async function disturb(
  child: ChildProcess,
  isToBeKilled: () => boolean,
  database: StoreDatabase,
  random: () => number,
  faults: Faults,
): Promise<void> {
  const backends = "pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'application'"
  const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null
  while (!isGone()) {
    await sleep(5)
    if (isToBeKilled()) {
      child.kill('SIGKILL')
      faults.killed += 1
      return
    }
    if (random() < 0.03) {
      child.kill('SIGSTOP')
      await sleep(random() * 80)
      child.kill('SIGCONT')
      faults.stopped += 1
    } else if (random() < 0.06) {
      const cut = await database.query(`SELECT pg_terminate_backend(pid) FROM (SELECT ${backends} ORDER BY random() LIMIT 1) AS b`) // prettier-ignore
      faults.terminated += cut.length
    }
  }
}
