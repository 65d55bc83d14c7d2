/** docs/operations.md, the part on PostgreSQL: its statements and command lines do what it says, one after the other. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { createAudit } from '../../src/audit.ts'
import { postgresStore } from '../../src/store/postgres/index.ts'
import { systemSources } from '../../src/store/sources.ts'
import { Workplace } from '../cli/run.ts'
import { newCluster, type Cluster } from '../faults/postgres/cluster.ts'

const page = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8').split(
  '## PostgreSQL\n',
)[1]!
const blocks = [...page.matchAll(/^```(s\w+) (\w+)\n([\s\S]*?)^```/gm)].map(([, , tag, text]) => ({
  tag: tag!,
  text: text!,
}))

/** Programs that npm does not bring: of a server that the system has. */
const debian = '/usr/lib/postgresql'
const programs = existsSync(debian)
  ? readdirSync(debian)
      .map((version) => join(debian, version, 'bin'))
      .at(-1)
  : undefined
const has = programs !== undefined && existsSync(join(programs, 'pg_dump')) && existsSync(join(programs, 'postgres'))
if (!has)
  console.warn('NOT TESTED: pg_dump, pg_restore and pg_basebackup are not installed (apt-get install postgresql).')

const place = new Workplace()
const clusters: Cluster[] = []
let server: Cluster
afterAll(async () => {
  for (const cluster of clusters) {
    await cluster.stop()
    cluster.remove()
  }
  place[Symbol.dispose]()
})

const address = (login: string, database: string): string => `postgres://${login}@127.0.0.1:${server.port}/${database}`
const real = (text: string): string =>
  text.replaceAll(/postgres:\/\/(\w+)@db\/(\w+)/g, (_, login: string, database: string) =>
    address(login === 'admin' ? 'postgres' : login, database),
  )

async function sql(text: string, login: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: address(login, 'app') })
  await client.connect()
  try {
    let rows: Record<string, unknown>[] = []
    // One by one: ALTER SYSTEM stands in no transaction.
    for (const statement of text.split(/;\n/).filter((one) => one.trim() !== ''))
      ({ rows } = await client.query<Record<string, unknown>>(statement))
    return rows
  } finally {
    await client.end()
  }
}

/** @returns what was said, by line */
async function commands(text: string): Promise<string[]> {
  const said: string[] = []
  for (const line of text.trim().split('\n')) {
    const [, command, exit = '0'] = /^auditproof (.*?)(?: +# exit (\d).*)?$/.exec(line)!
    const { code, stdout, stderr } = await place.here(real(command!).split(' '))
    expect({ code, said: line + stdout + stderr }, line + stdout + stderr).toMatchObject({ code: Number(exit) })
    said.push(stdout + stderr)
  }
  return said
}

function programsRun(text: string): void {
  for (const line of text.trim().split('\n')) {
    const [program, ...args] = line.split(' ')
    const env = { PGHOST: '127.0.0.1', PGPORT: String(server.port), PGUSER: 'postgres' }
    execFileSync(join(programs!, program!), args, { cwd: place.folder, env, stdio: 'pipe' })
  }
}

const record = (id: string): Promise<unknown> => place.here(real(`record case.note --id ${id} --store postgres://app@db/app`).split(' ')) // prettier-ignore

/** What the page takes for granted where a block stands. */
const before: Readonly<Record<string, () => Promise<void>>> = {
  // A month that is due.
  async retention() {
    await sql(`SET ROLE auditproof_owner;
      CREATE TABLE auditproof.content_2026_01 PARTITION OF auditproof.content FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
      SELECT auditproof.guard_partition('content_2026_01');\n`.replaceAll(/;\s+/g, ';\n'), 'postgres') // prettier-ignore
    const sources = { ...systemSources, now: () => '2026-01-15T12:00:00Z' }
    const store = await postgresStore({ database: address('app', 'app'), name: '', sources })
    const audit = createAudit({ data: place.path('auditproof-data'), store })
    await audit.record('case.open', { tenant: 'old', id: 'due', details: { text: 'due' } })
    await audit.close()
    const shown = await place.here(real('show due --receipt --store postgres://app@db/app').split(' '))
    writeFileSync(place.path('due.receipt'), shown.stdout)
    expect(await listed()).toEqual(['due'])
  },
}

async function listed(): Promise<string[]> {
  const { stdout, stderr } = await place.here(
    real('log --tenant old -o jsonl --store postgres://app@db/app').split(' '),
  )
  expect(stderr).toBe('')
  return stdout.split('\n').filter(Boolean).map((line) => (JSON.parse(line) as { id: string }).id) // prettier-ignore
}

test('the part on PostgreSQL of the page on operations does what it says', async () => {
  server = await newCluster({}, has ? programs : undefined)
  clusters.push(server)
  await server.start()
  await sqlAt('CREATE DATABASE app')
  let dumps = 0
  const ran: string[] = []
  for (const [i, { tag, text }] of blocks.entries()) {
    ran.push(tag)
    if (text.includes('synchronous_standby_names')) await withStandby()
    if (tag === 'admin' || tag === 'app') {
      const rows = await sql(text, tag === 'admin' ? 'postgres' : 'app')
      if (text.includes('waiting')) expect(rows).toEqual([{ waiting: '0', refused: '0' }])
      if (text.includes('HAVING') || text.includes("<> 'on'")) expect(rows).toEqual([])
      if (text.includes('synchronous_standby_names')) await record('under-standby')
    } else if (tag === 'postgresql') await commands(text)
    else if (tag === 'promotion') {
      await server.kill()
      server = clusters[1]!
      await sql(text, 'postgres')
    } else if (tag === 'dump' || tag === 'base') {
      if (!has) continue
      programsRun(text)
      if (tag === 'dump' && dumps++ === 0) {
        await record('after-the-dump')
        writeFileSync(place.path('newer.checkpoint'), (await place.here(real('checkpoint --tenant default --store postgres://app@db/app').split(' '))).stdout) // prettier-ignore
      }
    } else if (tag === 'rollback') {
      if (!has) continue
      expect((await commands(text)).at(-1)).toContain('were signed')
      programsRun(
        'pg_dump --format=custom --file=newest.dump app\ncreatedb newest\npg_restore --dbname=newest newest.dump',
      )
      await commands('auditproof verify --store postgres://app@db/newest # exit 3')
    } else if (tag === 'accepting') {
      if (!has) continue
      // The key goes on signing for the store that is there: of the other one, a copy is tried.
      cpSync(place.path('auditproof-data'), place.path('kept'), { recursive: true })
      await commands(text)
      rmSync(place.path('auditproof-data'), { recursive: true })
      renameSync(place.path('kept'), place.path('auditproof-data'))
    } else if (tag === 'retention' && text.startsWith('BEGIN')) {
      await before['retention']!()
      await sql(text, 'postgres')
      expect(await listed()).toEqual([])
    } else if (tag === 'retention') {
      const [said] = await commands(text)
      expect(said).toContain('tenant old at index 0: index 0: its content is gone')
      const { code } = await place.here(['verify', 'due.receipt'])
      expect(code).toBe(3)
    } else throw new Error(`block ${i} has the tag ${tag}, which this test does not know`)
  }
  expect(ran.length).toBeGreaterThan(14)
})

async function sqlAt(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(text)
  await client.end()
}

/** A second server, made from a copy of the first one. */
async function withStandby(): Promise<void> {
  await server.stop()
  const standby = await server.standby()
  clusters.push(standby)
  await Promise.all([server.start(), standby.start()])
}
