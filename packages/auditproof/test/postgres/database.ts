/** Databases of a test's own on the server of the run. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'

export interface TestDatabase {
  /** Of the superuser. */
  url: string
  /** The same database for another login. */
  urlOf: (user: string, password: string) => string
  /** Runs SQL as the superuser. */
  query: (sql: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>
  drop: () => Promise<void>
}

/**
 * @param template a database to copy, which nobody is connected to
 * @param server the address of its superuser; that of the run when absent
 */
export async function newDatabase(
  template = 'template1',
  server: string = inject('postgresUrl'),
): Promise<TestDatabase> {
  const name = `auditproof_${randomBytes(6).toString('hex')}`
  await once(server, `CREATE DATABASE ${name} TEMPLATE ${template}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const pool = new pg.Pool({ connectionString: url.href, max: 2 })
  pool.on('error', () => {}) // the database is dropped, or its server killed, under an idle connection
  return {
    url: url.href,
    urlOf(user, password) {
      const other = new URL(url)
      other.username = user
      other.password = password
      return other.href
    },
    query: async (sql, values = []) => (await pool.query<Record<string, unknown>>(sql, [...values])).rows,
    drop: async () => {
      await pool.end()
      await once(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

async function once(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
