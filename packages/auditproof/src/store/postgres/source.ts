/** A PostgreSQL store by the address of its database, or by a pool of the application's. */
import { placeOfAddress } from './address.ts'
import { systemSources } from '../sources.ts'
import type { StoreSource } from '../source.ts'
import type { PostgresPool } from './client.ts'
import { Connections } from './connections.ts'
import { postgresStore, storeToRead } from './open-store.ts'
import { hasStore, limitsOf, openPool, type PostgresOptions } from './open.ts'
import { threadedStore } from './threaded.ts'

/**
 * @param database a pool of `pg`, which stays the application's, or `postgres://user@host/database`
 */
export function postgres(
  database: PostgresPool | string,
  options: Omit<PostgresOptions, 'database'> = {},
): StoreSource {
  const all = { ...options, database }
  return {
    place: typeof database === 'string' ? placeOfAddress(database) : 'PostgreSQL',
    async exists() {
      const { pool, end } = await openPool(all)
      try {
        return await hasStore(new Connections(pool, false, limitsOf(all)))
      } finally {
        await end()
      }
    },
    open: (name, onTrouble) =>
      typeof database === 'string'
        ? threadedStore({ ...options, database, name, ...(onTrouble && { onTrouble }) })
        : postgresStore({ ...options, database, name, sources: systemSources }),
    openToRead: () => storeToRead(all),
  }
}
