/** What `doctor` can see of the live server from outside the contents of the store. */
import type { Inspection } from '../store.ts'
import type { Tx } from './connections.ts'

export async function inspectDatabase(tx: Tx): Promise<Inspection[]> {
  const [row] = await tx.rows<{ version: string }>("SELECT current_setting('server_version') AS version")
  return [{ name: 'server', ok: true, detail: `PostgreSQL ${row!.version}` }]
}
