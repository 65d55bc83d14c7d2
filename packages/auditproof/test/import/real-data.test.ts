/** Counts on real trails. The data lie beside the repository, not in it: where they are missing the tests say so. */
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { tries } from '../effort.ts'
import { createAudit, type Audit } from '../../src/audit.ts'
import { isAction } from '../../src/event/clear.ts'
import { verifyStore } from '../../src/evidence/index.ts'
import {
  openImport,
  restoreOriginal,
  runImport,
  type ImportKind,
  type ImportReport,
  type Original,
} from '../../src/import/index.ts'

const data = new URL('../../../../../shared/data/', import.meta.url).pathname
const importKey = new Uint8Array(32).fill(9)

interface Trail {
  kind: ImportKind
  file: string
  tenantFrom: string
  read: number
  events: number
  malformed: number
  /** Those that a record names none count as one. */
  tenants: number
  /** Events whose id in the source belongs to another event as well. */
  shared: number
}

const trails: Trail[] = [
  { kind: 'cloudtrail', file: 'cloudtrail', tenantFrom: '/recipientAccountId', read: 3_331, events: 3_331, malformed: 0, tenants: 39, shared: 0 },
  { kind: 'git', file: 'commits-environments', tenantFrom: 'path:namespaces/*/{tenant}/', read: 84_202, events: 84_202, malformed: 0, tenants: 2_464, shared: 0 },
  { kind: 'github', file: 'github-audit', tenantFrom: '/org', read: 98, events: 98, malformed: 0, tenants: 10, shared: 5 },
  { kind: 'google-workspace', file: 'google-workspace', tenantFrom: '/id/customerId', read: 325, events: 371, malformed: 0, tenants: 1, shared: 0 },
  { kind: 'k8s', file: 'k8s-audit', tenantFrom: '/objectRef/namespace', read: 265, events: 265, malformed: 0, tenants: 9, shared: 15 },
  // One line is {}.
  { kind: 'okta', file: 'okta', tenantFrom: '/securityContext/domain', read: 65, events: 64, malformed: 1, tenants: 5, shared: 35 },
  { kind: 'windows', file: 'windows-security', tenantFrom: '/SubjectDomainName', read: 8_981, events: 8_981, malformed: 0, tenants: 4, shared: 0 },
] // prettier-ignore

/** More take minutes. */
const recordsMax = tries(1e6, 1e4)

const pathOf = ({ file }: Trail): string => `${data}${file}.ndjson.gz`

const open = (trail: Trail): ReturnType<typeof openImport> =>
  openImport({ kind: trail.kind, sources: [pathOf(trail)], tenantFrom: trail.tenantFrom, importKey })

const countsOf = ({ read, imported, duplicates, malformed }: ImportReport): object => ({
  read,
  imported,
  duplicates,
  malformed,
})

test.for(trails)(
  '$kind: $read records give $events events of $tenants tenants, originals to the byte; again, the same',
  async (trail, context) => {
    context.skip(!existsSync(pathOf(trail)), `not checked: ${trail.file} is not in ${data}`)
    context.skip(
      trail.read > recordsMax,
      `not checked: ${trail.file} has ${trail.read} records; with AUDITPROOF_LONG=1`,
    )
    const { read, events, malformed, tenants, shared } = trail
    const seen = new Map<string, string>()
    const named = new Set<string | undefined>()
    const originals: string[] = []
    let sharedIds = 0
    const run = (): Promise<ImportReport> =>
      runImport({
        records: open(trail),
        record: async (action, event) => {
          if (!isAction(action)) throw new Error(`action ${action}`)
          const content = createHash('sha256')
            .update(JSON.stringify([action, event]))
            .digest('base64')
          const known = seen.get(event.id!)
          if (known !== undefined && known !== content) throw new Error(`${event.id!} has two contents`)
          if (known !== undefined) return { duplicate: true }
          seen.set(event.id!, content)
          named.add(event.tenant)
          if (event.details!['sharedId'] !== undefined) sharedIds++
          const original = Buffer.from(restoreOriginal(event.details!['original'] as Original)!).toString()
          if (original !== originals.at(-1)) originals.push(original)
          return { duplicate: false }
        },
      })
    expect(countsOf(await run())).toEqual({ read, imported: events, duplicates: 0, malformed })
    expect([named.size, sharedIds]).toEqual([tenants, shared])
    const lines = gunzipSync(readFileSync(pathOf(trail)))
      .toString()
      .split('\n')
    expect(originals).toEqual(lines.filter((line) => line !== '' && line !== '{}'))
    expect(countsOf(await run())).toEqual({ read, imported: 0, duplicates: events, malformed })
  },
)

test('what the mapping of Google Workspace does not read is listed, and nothing else', async (context) => {
  const trail = trails.find(({ kind }) => kind === 'google-workspace')!
  context.skip(!existsSync(pathOf(trail)), `not checked: ${trail.file} is not in ${data}`)
  const { notMapped } = await runImport({ records: open(trail), record: async () => ({ duplicate: false }) })
  expect(notMapped).toEqual({ etag: 325, kind: 325, 'actor.profileId': 319, ownerDomain: 8 })
})

test('all of them into one store, twice: the second time nothing changes, and the store verifies', async (context) => {
  const missing = trails.find((trail) => !existsSync(pathOf(trail)))
  context.skip(missing !== undefined, `not checked: ${missing?.file} is not in ${data}`)
  const events = trails.reduce((sum, trail) => sum + trail.events, 0)
  context.skip(events > recordsMax, `not checked: ${events} events take minutes; with AUDITPROOF_LONG=1`)
  const folder = mkdtempSync(join(tmpdir(), 'auditproof-real-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const audit = createAudit({ data: folder, origin: 'real.example' })
  const { store, signer } = await audit.opened()
  const sizes = async (): Promise<unknown> =>
    (await store.heads()).filter(({ tenant }) => tenant !== '_meta').map(({ tenant, size }) => [tenant, size])

  expect(await importAll(audit)).toEqual({ imported: events, duplicates: 0, malformed: 1 })
  const before = await sizes()
  expect(await importAll(audit)).toEqual({ imported: 0, duplicates: events, malformed: 1 })
  expect(await sizes()).toEqual(before)
  await audit.publish()
  const report = await verifyStore(store, { key: signer!.vkey, signerStates: await signer!.states() })
  expect(report.checks.filter(({ ok }) => !ok)).toEqual([])
  expect(report.verdict).toBe('verified')
  await audit.close()
}, 900_000)

async function importAll(audit: Audit): Promise<object> {
  const all = { imported: 0, duplicates: 0, malformed: 0 }
  for (const trail of trails) {
    const { imported, duplicates, malformed } = await runImport({
      records: open(trail),
      record: async (action, event) => ({ duplicate: (await audit.record(action, event)).duplicate === true }),
    })
    all.imported += imported
    all.duplicates += duplicates
    all.malformed += malformed
  }
  return all
}
