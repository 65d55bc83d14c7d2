/** docs/transactions.md: its programs run, and print what they say. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newStoreDatabase, type StoreDatabase } from './store-database.ts'

const page = readFileSync(new URL('../../../../docs/transactions.md', import.meta.url), 'utf8')
const work = mkdtempSync(join(tmpdir(), 'auditproof-page-'))
let database: StoreDatabase
beforeAll(async () => {
  database = await newStoreDatabase()
  await database.query('CREATE TABLE matter (id text PRIMARY KEY, status text)')
  await database.query('GRANT ALL ON matter TO public')
})
afterAll(async () => {
  rmSync(work, { recursive: true, force: true })
  await database.drop()
})

test.each(['pg', 'sqlite'])('the program for %s runs, and prints what its comment says', async (name) => {
  const [, code] = new RegExp('^```ts ' + name + '\\n([\\s\\S]*?)^```', 'm').exec(page)!
  const cwd = join(work, name) // each its own store and keys
  mkdirSync(cwd)
  const path = join(cwd, 'program.ts')
  const source = new URL('../../src/index.ts', import.meta.url).href
  writeFileSync(path, code!.replace("'auditproof'", `'${source}'`).replace("'pg'", `'${import.meta.resolve('pg')}'`))
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=auditproof-source', path], {
    cwd,
    env: { ...process.env, DATABASE_URL: database.appUrl },
  })
  expect(stdout).toBe(`${/console\.log\(.*\) \/\/ (.*)/.exec(code!)![1]}\n`)
})
