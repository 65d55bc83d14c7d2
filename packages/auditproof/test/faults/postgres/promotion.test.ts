/**
 * The server is lost for good and a standby takes its place, under load. With a synchronous one nothing that was
 * acknowledged is lost. An asynchronous one may have less than was signed: then nobody appends to it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAudit, type Audit } from '../../../src/audit.ts'
import { startProxy, type Proxy } from '../../postgres/proxy.ts'
import { newStoreDatabase, type StoreDatabase } from '../../postgres/store-database.ts'
import { compareAcks, storedIn, verdictOf } from '../../postgres/stored.ts'
import { startApplications } from './applications.ts'
import { newCluster, type Cluster } from './cluster.ts'

const rounds = Number(process.env['AUDITPROOF_PROMOTIONS'] ?? 2)

let primary: Cluster
let standby: Cluster
let database: StoreDatabase
let proxy: Proxy
let data: string
const ends: (() => Promise<unknown>)[] = []
/** The address of the application's login at the servers themselves. */
const at = (cluster: Cluster): string => {
  const url = new URL(database.appUrl)
  url.port = String(cluster.port)
  return url.href
}

beforeEach(async () => {
  primary = await newCluster()
  await primary.start()
  database = await newStoreDatabase(primary.url)
  await primary.stop()
  standby = await primary.standby()
  proxy = await startProxy(primary.port)
  data = mkdtempSync(join(tmpdir(), 'auditproof-promotion-'))
})
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
  await proxy.close()
  await database.drop().catch(() => {}) // its server is gone
  for (const cluster of [standby, primary]) {
    await cluster.stop()
    cluster.remove()
  }
  rmSync(data, { recursive: true })
})

async function ask(cluster: Cluster, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: cluster.url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

/** A server that has lost its primary becomes one, and takes over its address. */
async function promote(): Promise<void> {
  await ask(standby, 'SELECT pg_promote(true, 60)')
  proxy.target(standby.port)
}

function opened(options: Parameters<typeof createAudit>[0]): Audit {
  const audit = createAudit({ data, ...options })
  ends.push(() => audit.close())
  return audit
}

test.each(Array.from({ length: rounds }, (_, i) => i + 1))(
  'a synchronous standby has all that was acknowledged, and the logs go on there (round %i)',
  async (round) => {
    primary.set({ synchronous_standby_names: "'ANY 1 (*)'" })
    await Promise.all([primary.start(), standby.start()])
    const first = createAudit({ data, store: at(primary) })
    await first.ready()
    await first.close()
    expect(await ask(primary, 'SELECT sync_state FROM pg_stat_replication')).toEqual([{ sync_state: 'quorum' }])
    const applications = startApplications(proxy.through(database.appUrl), data, { signs: ['signs'], b: [], c: [] })
    ends.push(() => applications.end())
    await applications.goOn()
    await applications.goOn()
    await sleep(150 * round)
    await primary.kill()
    await promote()
    await applications.goOn()
    await applications.goOn()
    expect(await applications.end()).toBe('')
    const told = applications.told()
    const audit = opened({ store: at(standby) })
    const stored = await storedIn((await audit.opened()).store)
    expect([...stored.problems, ...compareAcks(stored, told.attempted, told.acknowledged)]).toEqual([])
    expect(await verdictOf(audit)).toEqual({ verdict: 'verified', problems: [] })
    expect(told.failed.filter(({ code }) => !['store_unavailable', 'outcome_unknown'].includes(code))).toEqual([])
    console.log(`promotion: ${told.acknowledged.size} acknowledged, ${told.failed.length} calls failed`)
  },
)

test('a standby that is behind has lost events: who knew of them appends nothing, and says why', async () => {
  await Promise.all([primary.start(), standby.start()])
  const url = proxy.through(database.appUrl)
  const signing = opened({ store: url })
  await signing.ready()
  const other = opened({ store: url, signer: false })
  await signing.record('a.b', { tenant: 'both', id: 'early' })
  await signing.record('a.b', { tenant: 'others', id: 'others-early' })
  await other.record('a.b', { tenant: 'both', id: 'other' })
  await signing.publish()
  await caughtUp()
  await standby.stop()
  await other.record('a.b', { tenant: 'both', id: 'lost' })
  await other.record('a.b', { tenant: 'others', id: 'others-lost' })
  await other.record('a.b', { tenant: 'new', id: 'new-lost' })
  await signing.publish()
  await primary.kill()
  await standby.start()
  await promote()
  const before = await sizes()
  expect(await inStore("SELECT id FROM auditproof.entry WHERE id LIKE '%lost'")).toEqual([])

  // One that has appended to the log itself, one that has only signed it, and a log that is gone as a whole.
  for (const [audit, tenant] of [[other, 'both'], [other, 'others'], [signing, 'both'], [signing, 'others'], [other, 'new']] as const) // prettier-ignore
    await expect.poll(() => audit.record('a.b', { tenant }).catch((error: unknown) => error), { timeout: 20_000 })
      .toMatchObject({ code: 'store_corrupt', message: expect.stringMatching(/it had \d+ entries .*and has \d+|it has no head/) as string }) // prettier-ignore
  expect(signing.health().status).not.toBe('ok')
  // One that is started now has the signer's word.
  const late = opened({ store: url })
  await expect(late.record('a.b', { tenant: 'both' })).rejects.toMatchObject({
    code: 'store_rolled_back',
    message: expect.stringMatching(/has \d+ entries, but \d+ were signed/) as string,
  })
  await expect(late.record('a.b', { tenant: 'unheard-of' })).rejects.toMatchObject({ code: 'store_rolled_back' })
  expect(await sizes()).toEqual(before)
})

test('a commit whose wait for the standby is cancelled is not acknowledged, though the server says that it is done', async () => {
  primary.set({ synchronous_standby_names: "'ANY 1 (*)'" })
  await Promise.all([primary.start(), standby.start()])
  const audit = opened({ store: at(primary) })
  await audit.record('a.b', { id: 'before' })
  await standby.stop()
  const recording = audit.record('a.b', { id: 'waits' }).catch((error: unknown) => error)
  const waiting = "pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
  await expect.poll(() => ask(primary, `SELECT ${waiting}`)).not.toEqual([])
  const cancelling = setInterval(() => void ask(primary, `SELECT pg_cancel_backend(pid) FROM (SELECT ${waiting}) AS w`).catch(() => {}), 200) // prettier-ignore
  expect(await recording).toMatchObject({
    code: 'outcome_unknown',
    message: expect.stringContaining('synchronous replication') as string,
  })
  clearInterval(cancelling)
  await standby.start()
  expect(await audit.record('a.b', { id: 'waits' })).toMatchObject({ id: 'waits', index: 1 })
})

/** The standby has all that the primary has. */
async function caughtUp(): Promise<void> {
  const [row] = await ask(primary, 'SELECT pg_current_wal_flush_lsn()::text AS lsn')
  await expect
    .poll(() => ask(standby, `SELECT pg_last_wal_replay_lsn() >= '${String(row!['lsn'])}' AS there`), {
      timeout: 20_000,
    })
    .toEqual([{ there: true }])
}

/** Of the database, as its superuser sees it. */
async function inStore(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: at(standby).replace(/\/\/[^@]*@/, '//postgres@') })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

const sizes = (): Promise<Record<string, unknown>[]> =>
  inStore('SELECT tenant, size FROM auditproof.head JOIN auditproof.log USING (log) ORDER BY 1')
