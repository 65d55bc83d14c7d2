/**
 * All processes of the server are killed under load, again and again; the applications stay. What they were told is in
 * the store. It does not show that a commit is synced: what a killed process has written the system still has. Of that
 * the driver makes sure by looking at synchronous_commit in each transaction.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createAudit } from '../../../src/audit.ts'
import { newStoreDatabase } from '../../postgres/store-database.ts'
import { compareAcks, storedIn, verdictOf } from '../../postgres/stored.ts'
import { newSeed, seededRandom } from '../harness.ts'
import { startApplications, type Told } from './applications.ts'
import { newCluster } from './cluster.ts'

const rounds = Number(process.env['AUDITPROOF_SERVER_KILLS'] ?? 20)

test(`${rounds} times all processes of the server are killed: nothing that was acknowledged is lost`, async () => {
  const { problems, told, verdict, stderr } = await run(rounds, { signs: ['signs'], b: [], c: [], d: [] })
  expect(problems).toEqual([])
  expect(verdict).toEqual({ verdict: 'verified', problems: [] })
  expect(stderr).toBe('')
  const codes = Object.groupBy(told.failed, ({ code }) => code)
  console.log(`${rounds} kills: ${told.acknowledged.size} acknowledged, failed calls: ${JSON.stringify(Object.entries(codes).map(([code, all]) => [code, all?.length]))}`) // prettier-ignore
  expect(Object.keys(codes)).not.toContain('store_corrupt')
  expect(told.acknowledged.size).toBeGreaterThan(rounds * 4)
})

test('an application that acknowledges before the commit loses events', async () => {
  const { problems } = await run(3, { signs: ['signs'], early: ['acknowledges-early'] })
  expect(problems.filter((problem) => problem.endsWith('is lost')).length).toBeGreaterThan(0)
})

async function run(
  kills: number,
  flags: Readonly<Record<string, readonly string[]>>,
): Promise<{ problems: string[]; told: Told; verdict: Awaited<ReturnType<typeof verdictOf>>; stderr: string }> {
  const random = seededRandom(newSeed())
  const cluster = await newCluster()
  await cluster.start()
  const database = await newStoreDatabase(cluster.url)
  const data = mkdtempSync(join(tmpdir(), 'auditproof-kill-server-'))
  // The store and its key are there before the others look for them.
  const first = createAudit({ data, store: database.appUrl })
  await first.ready()
  await first.close()
  const applications = startApplications(database.appUrl, data, flags)
  try {
    for (let round = 0; round < kills; round++) {
      await applications.goOn()
      await sleep(random() * 300)
      await cluster.kill()
      await cluster.start()
    }
    await applications.goOn()
    const stderr = await applications.end()
    const told = applications.told()
    const audit = createAudit({ data, store: database.appUrl })
    try {
      const stored = await storedIn((await audit.opened()).store)
      const problems = [...stored.problems, ...compareAcks(stored, told.attempted, told.acknowledged)]
      return { problems, told, verdict: await verdictOf(audit), stderr }
    } finally {
      await audit.close()
    }
  } finally {
    await applications.end()
    await database.drop().catch(() => {})
    await cluster.stop()
    cluster.remove()
    rmSync(data, { recursive: true })
  }
}
