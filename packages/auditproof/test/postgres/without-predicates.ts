/**
 * A mutant of the driver: a pool that takes the tenant out of every condition of what is read, as a mistake in each of its
 * statements would. What is left is what the policies of the database hold.
 */
import pg from 'pg'
import type { PostgresPool } from '../../src/store/postgres/index.ts'

export interface MutantPool extends PostgresPool {
  /** How many conditions were taken out. */
  readonly taken: number
  end: () => Promise<void>
}

/** A log or a tenant compared with what was asked for: by value, in a list, in an alternative of null. */
const logOfTenant = /\blog = \(SELECT log FROM auditproof\.log WHERE tenant = (\$\d+)\)/g
const predicate = /\b((?:\w+\.)?(?:log|tenant)) = ((?:ANY\()?\$\d+(?:::\w+(?:\[\])?)?\)?)/g

export function withoutPredicates(connectionString: string): MutantPool {
  const pool = new pg.Pool({ connectionString, max: 4 })
  pool.on('error', () => {})
  let taken = 0
  const mutant = (text: string): string =>
    text.replace(logOfTenant, '(log = -1 OR $1::text IS NOT NULL)').replace(predicate, (condition) => {
      taken += 1
      return `(${condition} OR true)`
    })

  return {
    get taken() {
      return taken
    },
    async connect() {
      const client = await pool.connect()
      let isReading = false
      return {
        query(query) {
          if (query.text.startsWith('BEGIN')) isReading = query.text.includes('READ ONLY')
          return client.query(isReading ? { ...query, text: mutant(query.text) } : query)
        },
        release: (destroy) => client.release(destroy),
        on: (event, listener) => client.on(event, listener),
        off: (event, listener) => client.off(event, listener),
      }
    },
    end: () => pool.end(),
  }
}
