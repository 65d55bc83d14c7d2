/** Opening a store on connections of this thread. */
import { AuditError } from '../../errors.ts'
import type { Sources } from '../append-plan.ts'
import { systemSources } from '../sources.ts'
import type { Store } from '../store.ts'
import { Connections } from './connections.ts'
import { limitsOf, openPool, openStore, prepares, storedName, type PostgresOptions } from './open.ts'
import { PostgresStore } from './store.ts'

/**
 * @param name of the store, when the database has none yet
 * @throws AuditError `store_unavailable`, `store_format`
 */
export async function postgresStore({
  name,
  sources = systemSources,
  ...options
}: PostgresOptions & { name: string; sources?: Sources }): Promise<Store> {
  const { pool, end } = await openPool(options)
  const connections = new Connections(pool, prepares(options), limitsOf(options))
  try {
    const opened = await openStore(connections, { name, createdAt: sources.now(), allowOwner: options.allowOwner })
    return new PostgresStore(opened, connections, sources, options, end)
  } catch (error) {
    await end()
    throw error
  }
}

/** Opens what is there: a login that is a reader and nothing else can do no more. */
export async function storeToRead(options: PostgresOptions): Promise<Store> {
  const { pool, end } = await openPool(options)
  const connections = new Connections(pool, prepares(options), limitsOf(options))
  try {
    const found = await storedName(connections)
    if (found === undefined)
      throw new AuditError('store_unavailable', 'There is no audit store in this database yet.', {
        hint: 'record a first event',
      })
    return new PostgresStore({ name: found, records: 'nothing' }, connections, systemSources, options, end)
  } catch (error) {
    await end()
    throw error
  }
}
