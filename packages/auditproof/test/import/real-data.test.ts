/** Counts on real trails. The data lie beside the repository, not in it: where they are missing the tests say so. */
import { gunzipSync } from 'node:zlib'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isAction } from '../../src/event/clear.ts'
import { openImport, restoreOriginal, runImport, type Original } from '../../src/import/index.ts'

const data = new URL('../../../../../shared/data/', import.meta.url).pathname

test.for([
  ['cloudtrail', 'cloudtrail.ndjson.gz', '/recipientAccountId', 3_331, 39],
  ['git', 'commits-environments.ndjson.gz', 'path:namespaces/*/{tenant}/', 84_202, 2_464],
] as const)(
  '%s: %s by %s gives %i events and %i tenants, and a second run only duplicates',
  async ([kind, name, tenantFrom, events, tenants], context) => {
    const path = `${data}${name}`
    context.skip(!existsSync(path), `not checked: ${name} is not in ${data}`)
    const seen = new Map<string, string>()
    const originals: string[] = []
    const run = (keep: boolean): ReturnType<typeof runImport> =>
      runImport({
        records: openImport({ kind, sources: [path], tenantFrom, importKey: new Uint8Array(32).fill(9) }),
        record: async (action, event) => {
          const duplicate = seen.has(event.id!)
          seen.set(event.id!, event.tenant!)
          if (!isAction(action)) throw new Error(`action ${action}`)
          if (keep) originals.push(Buffer.from(restoreOriginal(event.details!['original'] as Original)!).toString())
          return { duplicate }
        },
      })
    expect(await run(true)).toEqual({ read: events, imported: events, duplicates: 0, malformed: 0 })
    expect(new Set(seen.values()).size).toBe(tenants)
    expect(`${originals.join('\n')}\n` === gunzipSync(readFileSync(path)).toString()).toBe(true)
    expect(await run(false)).toEqual({ read: events, imported: 0, duplicates: events, malformed: 0 })
  },
)
