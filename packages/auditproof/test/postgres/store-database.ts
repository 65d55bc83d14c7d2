/** A database with the schema of auditproof, and logins that each have the roles of one kind of process. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { migrate } from '../../src/store/postgres/index.ts'
import { newDatabase, type TestDatabase } from './database.ts'

const kinds = {
  app: ['writer', 'sequencer', 'reader'],
  writer: ['writer'],
  sequencer: ['sequencer'],
  reader: ['reader'],
  eraser: ['eraser', 'reader', 'writer'],
} as const

export interface StoreDatabase extends Omit<TestDatabase, 'urlOf'> {
  /** Of a login that appends, reads and writes. */
  appUrl: string
  urlOf: (kind: keyof typeof kinds) => string
}

/** @param on the address of a server's superuser; that of the run when absent */
export async function newStoreDatabase(on?: string): Promise<StoreDatabase> {
  const database = await newDatabase(undefined, on)
  const pool = new pg.Pool({ connectionString: database.url, max: 1 })
  await migrate(pool)
  await pool.end()
  // Logins belong to the whole server, where other tests make theirs.
  const suffix = randomBytes(4).toString('hex')
  const login = (kind: string): string => `${kind}_${suffix}`
  for (const [kind, roles] of Object.entries(kinds)) {
    await database.query(`CREATE ROLE ${login(kind)} LOGIN PASSWORD '${suffix}'`)
    await database.query(`GRANT ${roles.map((role) => `auditproof_${role}`).join(', ')} TO ${login(kind)}`)
  }
  const urlOf = (kind: keyof typeof kinds): string => database.urlOf(login(kind), suffix)
  return {
    ...database,
    appUrl: urlOf('app'),
    urlOf,
    async drop() {
      await database.drop()
      const server = await newDatabase(undefined, on)
      for (const kind of Object.keys(kinds)) await server.query(`DROP ROLE ${login(kind)}`)
      await server.drop()
    },
  }
}
