/** What `doctor` can see of the live server, with the rights of the login: the catalogs are open to all. */
import { AuditError } from '../../errors.ts'
import type { Inspection } from '../store.ts'
import type { Connections } from './connections.ts'
import { thingsOf } from './inspect/catalog.ts'
import { Schema } from './inspect/compare.ts'
import { inspectGrants } from './inspect/grants.ts'
import { inspectGuards } from './inspect/guards.ts'
import { inspectLogins } from './inspect/logins.ts'
import { inspectMigrations } from './inspect/migrations.ts'
import { inspectDefault, inspectPartitions } from './inspect/partitions.ts'
import { inspectServer } from './inspect/server.ts'
import { inspectTables } from './inspect/tables.ts'

export interface InspectOptions {
  allowOwner?: boolean | undefined
  /** Milliseconds since 1970. */
  now: () => number
}

export async function inspectDatabase(connections: Connections, options: InspectOptions): Promise<Inspection[]> {
  const findings = await connections.look('inspect the database', async (tx) => {
    const schema = new Schema(await thingsOf(tx))
    return [
      ...(await inspectServer(tx, options.now)),
      ...(await inspectLogins(tx, options.allowOwner ?? false)),
      await inspectMigrations(tx),
      ...inspectTables(schema),
      ...inspectGuards(schema),
      ...(await inspectGrants(tx, schema)),
      ...(await inspectPartitions(tx)),
    ]
  })
  return [...findings, await inspectContents(connections)]
}

/** What is in the tables is for the reader only. */
async function inspectContents(connections: Connections): Promise<Inspection> {
  try {
    return await connections.read('inspect the database', '*', inspectDefault)
  } catch (error) {
    if (!(error instanceof AuditError && isRefused(error.cause))) throw error
    return { name: 'content_default', ok: true, detail: 'not looked at: this login is no auditproof_reader' }
  }
}

const isRefused = (error: unknown): boolean => ['42501', '42P01'].includes(String((error as { code?: unknown }).code))
