/** Three servers on one database: whoever listens to any of them gets the events of all. */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connected } from '../http/live-suite.ts'
import { LiveClient } from '../http/served.ts'
import { newStoreDatabase, type StoreDatabase } from './store-database.ts'

const each = 60
const labels = ['a', 'b', 'c']

let database: StoreDatabase
const data = mkdtempSync(join(tmpdir(), 'auditproof-three-'))
const children: ChildProcessByStdio<Writable, Readable, null>[] = []
beforeAll(async () => {
  database = await newStoreDatabase()
})
afterAll(async () => {
  for (const child of children) {
    child.kill('SIGTERM')
    if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve))
  }
  await database.drop()
  rmSync(data, { recursive: true })
})

async function startServer(label: string, ...more: string[]): Promise<string> {
  const module = new URL('serving-process.ts', import.meta.url).pathname
  const args = ['--conditions=auditproof-source', module, database.appUrl, data, label, String(each), ...more]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  return new Promise((resolve) => child.stdout.once('data', (line: Buffer) => resolve(line.toString().trim())))
}

test(`clients of each of ${labels.length} servers get every event of all of them, once and in order`, async () => {
  // The one that signs makes the store.
  const urls = [await startServer(labels[0]!, 'signs'), ...(await Promise.all(labels.slice(1).map((label) => startServer(label))))] // prettier-ignore
  const queries = ['tenant=shared', '']
  const clients = await Promise.all(urls.flatMap((url) => queries.map((query) => LiveClient.open(`${url}/api/v1/live?${query}`)))) // prettier-ignore
  await Promise.all(clients.map((client) => client.until(connected)))
  for (const child of children) child.stdin.write('go\n')
  const total = each * labels.length
  const ids = ({ ids }: LiveClient): string[] => ids.filter((id) => /^[abc]-\d+$/.test(id))
  await Promise.all(clients.map((client) => client.until((one) => ids(one).length >= total, 40_000)))
  const all = labels.flatMap((label) => Array.from({ length: each }, (_, n) => `${label}-${n}`)).sort()
  for (const client of clients) {
    expect(ids(client).toSorted()).toEqual(all)
    expect(ids(client)).toEqual(ids(clients[0]!))
    client.close()
  }
})
