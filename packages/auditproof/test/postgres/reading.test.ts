/** The reading suites on PostgreSQL, as a login that the guards bind. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { createAudit } from '../../src/audit.ts'
import { postgresStore } from '../../src/store/postgres/index.ts'
import { tries } from '../effort.ts'
import { followBench, followSuite } from '../reading/follow-suite.ts'
import { surveySuite } from '../reading/survey-suite.ts'
import { newStoreDatabase } from './store-database.ts'

const folder = mkdtempSync(join(tmpdir(), 'auditproof-reading-'))
const database = await newStoreDatabase()
afterAll(async () => {
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
})

surveySuite('PostgreSQL', () => createAudit({ data: folder, store: database.appUrl, origin: 'survey.example' }))

const bench = followBench()
followSuite(
  'PostgreSQL',
  bench,
  async () => {
    const { appUrl, drop } = await newStoreDatabase()
    bench.ends.push(drop)
    return () => postgresStore({ database: appUrl, name: 'follow.example', connections: 3 })
  },
  tries(8, 1),
  1_000,
)
