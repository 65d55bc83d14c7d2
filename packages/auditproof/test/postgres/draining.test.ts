/** Several processes drain `pending` at the same time; they are killed and cut off. Every row gets into its log, once. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createAudit } from '../../src/audit.ts'
import { postgres } from '../../src/store/postgres/index.ts'
import { tries } from '../effort.ts'
import { startProxy, type Proxy } from './proxy.ts'
import { newStoreDatabase, type StoreDatabase } from './store-database.ts'
import { drained, storedIn, verdictOf } from './stored.ts'

const rows = tries(20_000, 2_000)

let database: StoreDatabase
let proxy: Proxy
const data = mkdtempSync(join(tmpdir(), 'auditproof-draining-'))
const running = new Set<ChildProcess>()
beforeAll(async () => {
  database = await newStoreDatabase()
  proxy = await startProxy(Number(new URL(inject('postgresUrl')).port))
})
afterAll(async () => {
  await Promise.all([...running].map(ended))
  await proxy.close()
  await database.drop()
  rmSync(data, { recursive: true })
})

async function startSequencer(url: string): Promise<ChildProcess> {
  const module = new URL('sequencer-process.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=auditproof-source', module, url, data], { stdio: ['ignore', 'pipe', 'inherit'] }) // prettier-ignore
  running.add(child)
  await new Promise((resolve) => child.stdout.once('data', resolve))
  return child
}

async function ended(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once('exit', resolve))
  running.delete(child)
}

test(`${rows} rows are drained by four processes, of which some are killed and one is cut off`, async () => {
  const audit = createAudit({ data, store: database.appUrl })
  await audit.ready()
  const writing = createAudit({ data, store: postgres(database.urlOf('writer'), { listen: false }), signer: false })
  const cut = await startSequencer(proxy.through(database.appUrl))
  const doomed = [await startSequencer(database.appUrl), await startSequencer(database.appUrl)]
  const filling = Promise.all(
    Array.from({ length: rows }, async (_, i) => {
      await sleep((i % 40) * 50)
      return writing.record('a.b', { id: `r${i}`, tenant: `t${i % 7}` })
    }),
  )
  let cuts = 0
  const cutting = setInterval(() => {
    cuts += 1
    proxy.cut()
  }, 37)
  for (const child of doomed) {
    await sleep(300)
    await ended(child)
    await startSequencer(database.appUrl)
  }
  await filling
  await drained(database.query)
  clearInterval(cutting)
  const stored = await storedIn((await audit.opened()).store)
  expect(stored.problems).toEqual([])
  expect([...stored.events.keys()].sort()).toEqual(Array.from({ length: rows }, (_, i) => `r${i}`).sort())
  expect(await verdictOf(audit)).toEqual({ verdict: 'verified', problems: [] })
  expect(cuts).toBeGreaterThan(5)
  expect(cut.exitCode).toBeNull()
  await writing.close()
  await audit.close()
})
