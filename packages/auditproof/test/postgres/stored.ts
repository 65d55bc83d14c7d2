/** What must hold of a store whatever happened to its server and to the processes that wrote to it, in words. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Audit } from '../../src/audit-interface.ts'
import { verifyStore } from '../../src/evidence/index.ts'
import type { Store } from '../../src/store/store.ts'

export interface Stored {
  /** By id, where it stands; without `_system` and the meta log. */
  events: Map<string, { tenant: string; index: number }>
  problems: string[]
}

/** All that is in the logs: each index there once, each id once. */
export async function storedIn(store: Store): Promise<Stored> {
  const stored: Stored = { events: new Map(), problems: [] }
  for (const { log, tenant, size } of await store.heads()) {
    let next = 0
    while (next < size) {
      const entries = await store.entries(log, next, size)
      if (entries.length === 0) break
      for (const { index, id, content } of entries) {
        if (index !== next) stored.problems.push(`${tenant}: index ${index} where ${next} belongs`)
        next = index + 1
        if (tenant.startsWith('_')) continue
        if (stored.events.has(id)) stored.problems.push(`${id} is stored twice`)
        if (content === undefined) stored.problems.push(`${id} has no content`)
        stored.events.set(id, { tenant, index })
      }
    }
    if (next !== size) stored.problems.push(`${tenant}: the head says ${size}, ${next} entries are there`)
  }
  return stored
}

/** acknowledged ⊆ stored ⊆ attempted, and an ack with an index told the truth. */
export function compareAcks(
  { events }: Stored,
  attempted: ReadonlySet<string>,
  acknowledged: ReadonlyMap<string, { tenant: string; index?: number | undefined }>,
): string[] {
  const problems: string[] = []
  for (const [id, ack] of acknowledged) {
    const at = events.get(id)
    if (at === undefined) problems.push(`${id} was acknowledged and is lost`)
    else if (at.tenant !== ack.tenant || (ack.index !== undefined && at.index !== ack.index))
      problems.push(`${id} was acknowledged as ${ack.tenant}/${ack.index} and is ${at.tenant}/${at.index}`)
  }
  for (const id of events.keys()) if (!attempted.has(id)) problems.push(`${id} was never attempted`)
  return problems
}

/** Publishes all, and verifies all with the key and what the signer knows. */
export async function verdictOf(audit: Audit): Promise<{ verdict: string; problems: string[] }> {
  await audit.publish()
  const { store, signer } = await audit.opened()
  const { verdict, logs } = await verifyStore(store, { key: signer!.vkey, signerStates: await signer!.states() })
  return { verdict, problems: logs.flatMap(({ tenant, reason }) => (reason ? [`${tenant}: ${reason}`] : [])) }
}

/** Waits until nothing is left in `pending`. */
export async function drained(
  query: (sql: string) => Promise<Record<string, unknown>[]>,
  timeoutMs = 60_000,
): Promise<void> {
  const end = Date.now() + timeoutMs
  for (;;) {
    const [row] = await query('SELECT count(*)::int AS left FROM auditproof.pending')
    if (row!['left'] === 0) return
    if (Date.now() > end) throw new Error(`${String(row!['left'])} rows are left in pending after ${timeoutMs} ms`)
    await sleep(50)
  }
}
