/**
 * What one tenant is sent holds nothing of another, also where every statement of the driver has lost its condition on the
 * tenant: row-level security holds it back (A2). Without that the same driver leaks, so this test can fail.
 */
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAudit, type Audit } from '../../src/audit.ts'
import { postgres } from '../../src/store/postgres/index.ts'
import { openHere } from '../http/app.ts'
import { tables } from './attempts.ts'
import { newFilledDatabase, type FilledDatabase } from './filled.ts'
import { withoutPredicates } from './without-predicates.ts'

let database: FilledDatabase
beforeAll(async () => void (database = await newFilledDatabase()))
afterAll(() => database.drop())

/** In every event of the other tenant, and in nothing that is asked for. */
const canaries = ['theirs-actor', 'theirs-name', 'theirs-target', 'theirs-details']

const paths: readonly string[] = [
  '/api/v1/events?tenant=mine',
  '/api/v1/events?tenant=mine&limit=2&cursor={cursor}',
  '/api/v1/events?tenant=mine&order=index',
  '/api/v1/events?tenant=mine&order=index&direction=asc&limit=100',
  '/api/v1/events?tenant=mine&direction=asc&since=1h',
  '/api/v1/events?tenant=mine&action=case.update',
  '/api/v1/events?tenant=mine&q=theirs',
  '/api/v1/events?tenant=mine&q=action:case.*',
  '/api/v1/events?tenant=mine&outcome=unknown',
  '/api/v1/survey?tenant=mine&facets=action,actor&bins=5&since=1h',
  '/api/v1/survey?tenant=mine&q=case.update&facets=actor',
  '/api/v1/events.csv?tenant=mine',
  '/api/v1/events/mine-1?tenant=mine',
  '/api/v1/events/theirs-1?tenant=mine',
  '/api/v1/events/theirs-1/receipt?tenant=mine',
  '/api/v1/events/mine-1/receipt?tenant=mine',
  '/api/v1/live?tenant=mine&from=beginning',
  '/api/v1/live?tenant=mine',
]

/** @returns by path what came back; of a stream what came within a moment */
async function answers(audit: Audit): Promise<Map<string, { status: number; body: string }>> {
  const { app, bearer } = openHere({ audit })
  const found = new Map<string, { status: number; body: string }>()
  const ask = async (path: string): Promise<{ status: number; body: string }> => {
    const abort = new AbortController()
    const response = await app.request(path, { headers: bearer, signal: abort.signal })
    const isStream = path.includes('/live')
    const body = isStream ? await firstOf(response, abort) : await response.text()
    return { status: response.status, body }
  }
  const first = await ask('/api/v1/events?tenant=mine&limit=2')
  const { next = 'none' } = first.status === 200 ? (JSON.parse(first.body) as { next?: string }) : {}
  for (const path of paths) found.set(path, await ask(path.replace('{cursor}', next)))
  return found
}

async function firstOf(response: Response, abort: AbortController): Promise<string> {
  let text = ''
  const timer = setTimeout(() => abort.abort(), 1_000)
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  const end = new Promise<undefined>((resolve) => setTimeout(resolve, 1_000, undefined))
  for (;;) {
    const chunk = await Promise.race([reader.read(), end])
    if (chunk === undefined || chunk.done) break
    text += chunk.value
  }
  clearTimeout(timer)
  abort.abort()
  await reader.cancel().catch(() => {})
  return text
}

async function asked(mutate: boolean): Promise<{ found: Awaited<ReturnType<typeof answers>>; taken: number }> {
  const pool = mutate ? withoutPredicates(database.appUrl) : new pg.Pool({ connectionString: database.appUrl, max: 4 })
  const audit = createAudit({ data: database.data, store: postgres(pool), signer: false })
  try {
    await audit.ready()
    return { found: await answers(audit), taken: 'taken' in pool ? pool.taken : 0 }
  } finally {
    await audit.close()
    await pool.end()
  }
}

const leaksOf = (found: ReadonlyMap<string, { body: string }>): string[] =>
  [...found].filter(([, { body }]) => canaries.some((canary) => body.includes(canary))).map(([path]) => path)

describe('a tenant is sent nothing of another', () => {
  it('by the driver as it is', async () => {
    const { found } = await asked(false)
    expect(leaksOf(found)).toEqual([])
    expect(found.get('/api/v1/events?tenant=mine')!.body).toContain('mine-details')
    expect(found.get('/api/v1/events/theirs-1?tenant=mine')!.status).toBe(404)
    expect(found.get('/api/v1/live?tenant=mine&from=beginning')!.body).toContain('mine-details')
  })

  it('by one whose statements have lost the tenant, because of the policies', async () => {
    const { found, taken } = await asked(true)
    expect(taken).toBeGreaterThan(20)
    expect(leaksOf(found)).toEqual([])
    expect(found.get('/api/v1/events?tenant=mine')!.body).toContain('mine-details')
    expect(found.get('/api/v1/events/mine-1/receipt?tenant=mine')!.status).toBe(200)
  })

  it('which leaks without them', async () => {
    for (const table of tables) await database.query(`ALTER TABLE auditproof.${table} DISABLE ROW LEVEL SECURITY`)
    try {
      expect(leaksOf((await asked(false)).found)).toEqual([])
      const { found } = await asked(true)
      const leaks = leaksOf(found)
      for (const kind of ['events?', 'events.csv?', 'survey?', 'live?'])
        expect(leaks.filter((path) => path.startsWith(`/api/v1/${kind}`))).not.toEqual([])
    } finally {
      for (const table of tables) await database.query(`ALTER TABLE auditproof.${table} ENABLE ROW LEVEL SECURITY`)
    }
  })
})
