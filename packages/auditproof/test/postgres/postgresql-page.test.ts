/** docs/postgresql.md: its statements, command lines and programs do what it says, one after the other. */
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Workplace } from '../cli/run.ts'
import { newDatabase, type TestDatabase } from './database.ts'

const page = readFileSync(new URL('../../../../docs/postgresql.md', import.meta.url), 'utf8')
const blocks = [...page.matchAll(/^```(\w+).*\n([\s\S]*?)^```/gm)].map(([, kind, text]) => ({ kind, text: text! }))
const packageRoot = fileURLToPath(new URL('../..', import.meta.url))

const place = new Workplace()
let database: TestDatabase
/** Logins belong to the whole server. */
let login: string
beforeAll(async () => {
  database = await newDatabase()
  login = `app_${new URL(database.url).pathname.slice(-6)}`
})
afterAll(async () => {
  place[Symbol.dispose]()
  rmSync(join(packageRoot, 'test', `${login}.ts`), { force: true })
  await database.drop()
  const server = await newDatabase()
  await server.query(`DROP ROLE ${login}`)
  await server.drop()
})

const real = (text: string): string =>
  text
    .replaceAll('postgres://admin@db/app', database.url)
    .replaceAll('postgres://app@db/app', database.urlOf(login, 'choose one'))
    .replaceAll(/(ROLE|TO) app\b/g, `$1 ${login}`)

async function run(kind: string, text: string): Promise<void> {
  if (kind === 'sql') {
    // Content of a month that had no partition, to be moved.
    if (text.includes('content_misplaced;'))
      await database.query(
        "INSERT INTO auditproof.content (month, log, idx, disclosures) VALUES ('2001-01-09', 77, 1, '')",
      )
    await database.query(real(text))
    return
  }
  if (kind === 'ts') {
    // Beside the package's dependencies, so that pg is found.
    const script = join(packageRoot, 'test', `${login}.ts`)
    const code = real(text)
      .replace("'auditproof/postgres'", JSON.stringify(join(packageRoot, 'src/store/postgres/index.ts')))
      .replace("'auditproof'", JSON.stringify(join(packageRoot, 'src/index.ts')))
    writeFileSync(script, code)
    execFileSync(process.execPath, ['--conditions=auditproof-source', script], { cwd: place.folder, stdio: 'pipe' })
    return
  }
  for (const line of text.trim().split('\n')) {
    const [, command, exit = '0'] = /^auditproof (.*?)(?: +# exit (\d).*)?$/.exec(line)!
    const { code, stdout, stderr } = await place.here(real(command!).split(' '))
    expect({ line, code }, stdout + stderr).toEqual({ line, code: Number(exit) })
  }
}

it('the page on PostgreSQL has blocks that do what it says, one after the other', async () => {
  for (const { kind, text } of blocks) await run(kind!, text)
  expect(blocks.length).toBeGreaterThan(6)
  expect(
    await database.query('SELECT tableoid::regclass::text AS lies FROM auditproof.content WHERE log = 77'),
  ).toEqual([{ lies: 'auditproof.content_2001_01' }])
  const { stdout } = await place.here(real('log --store postgres://app@db/app').split(' '))
  expect(stdout).toMatch(/case\.open[\s\S]*case\.close/)
})
