/** The PostgreSQL store against what people have today, on a real server started here. */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { startPostgres } from '../test/postgres/server.ts'
import { createAudit, type Audit } from '../src/index.ts'
import { migrate, postgres } from '../src/store/postgres/index.ts'
import type { Store } from '../src/store/store.ts'
import { action, eventNumber } from './event.ts'
import type { Fill } from './fill.ts'
import { fillPostgres } from './fill-postgres.ts'
import { closedLoop, type Measured } from './rounds.ts'

export interface PostgresBench {
  /** Sealed and published; each tenant in turn. */
  record: (callers: number, ms: number, tenants?: number) => Promise<Measured>
  insertPerCall: (connections: number, callers: number, ms: number) => Promise<Measured>
  /** COPY of many rows at once into a table with the same indexes as the one of insertPerCall. */
  copy: (rows: number) => Promise<Measured>
  /** A change of the application in a transaction; with `audited`, its event too. */
  transaction: (callers: number, ms: number, audited: boolean) => Promise<Measured>
  /** A database of its own with a store of so many events, opened by a login that is a reader and nothing else. */
  openFilled: (filling: Omit<Fill, 'path'>) => Promise<Store>
  stop: () => Promise<void>
}

export async function startPostgresBench(directory: string): Promise<PostgresBench> {
  const server = await startPostgres()
  const admin = new pg.Pool({ connectionString: server.url, max: 2 })
  await migrate(admin)
  await admin.query(`CREATE TABLE audit_log (id BIGSERIAL PRIMARY KEY, created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    actor TEXT, action TEXT, target TEXT, detail JSONB)`)
  for (const column of ['actor', 'action', 'target']) await admin.query(`CREATE INDEX ON audit_log (${column})`)
  await admin.query('CREATE TABLE account (id INT PRIMARY KEY, balance BIGINT NOT NULL)')
  await admin.query('INSERT INTO account SELECT i, 0 FROM generate_series(1, 10000) AS i')
  await admin.query(`CREATE ROLE app LOGIN PASSWORD 'app'`)
  await admin.query('GRANT auditproof_writer, auditproof_sequencer, auditproof_reader TO app')
  await admin.query('GRANT SELECT, UPDATE ON account TO app')
  await admin.query(`CREATE ROLE reader LOGIN PASSWORD 'reader'`)
  await admin.query('GRANT auditproof_reader TO reader')
  const url = server.url.replace('postgres:postgres@', 'app:app@')
  const open = (): Audit => createAudit({ data: join(directory, 'postgres-data'), store: postgres(url) })
  await open().close()
  return {
    async record(callers, ms, tenants = 1) {
      const audit = open()
      await audit.ready()
      const prefix = randomBytes(4).toString('hex')
      const recordNumber = (n: number): Promise<unknown> =>
        audit.record(action, { ...eventNumber(n), tenant: `${prefix}-${n % tenants}` })
      // Logs are made once; what is measured is what comes after.
      await Promise.all(Array.from({ length: tenants }, (_, n) => recordNumber(n)))
      const measured = await closedLoop(callers, ms, recordNumber)
      await audit.publish()
      await audit.close({ timeoutMs: 60_000 })
      return measured
    },
    async insertPerCall(connections, callers, ms) {
      const pool = new pg.Pool({ connectionString: server.url, max: connections })
      const measured = await closedLoop(callers, ms, (n) =>
        pool.query(
          'INSERT INTO audit_log (actor, action, target, detail) VALUES ($1, $2, $3, $4) RETURNING id, created_at',
          [`u_${n % 50}`, action, `c_${n % 5_000}`, JSON.stringify(eventNumber(n))],
        ),
      )
      await pool.end()
      return measured
    },
    async copy(rows) {
      const path = join(server.directory, 'rows.tsv')
      const lines = Array.from(
        { length: rows },
        (_, n) => `u_${n % 50}\t${action}\tc_${n % 5_000}\t${JSON.stringify(eventNumber(n)).replaceAll('\\', '\\\\')}`,
      )
      writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o644 })
      const began = performance.now()
      await admin.query(`COPY audit_log (actor, action, target, detail) FROM '${path}'`)
      return { rate: rows / ((performance.now() - began) / 1_000) }
    },
    async transaction(callers, ms, audited) {
      const pool = new pg.Pool({ connectionString: url, max: callers })
      const audit = open()
      await audit.ready()
      const measured = await closedLoop(callers, ms, async (n) => {
        const client = await pool.connect()
        await client.query('BEGIN')
        await client.query('SELECT balance FROM account WHERE id = $1 FOR UPDATE', [(n % 10_000) + 1])
        await client.query('UPDATE account SET balance = balance + 1 WHERE id = $1', [(n % 10_000) + 1])
        if (audited) await audit.in(client).record(action, eventNumber(n))
        await client.query('COMMIT')
        client.release()
      })
      await pool.end()
      await audit.close({ timeoutMs: 120_000 })
      return measured
    },
    async openFilled(filling) {
      const name = `filled_${filling.size}`
      await admin.query(`CREATE DATABASE ${name}`)
      const at = (user: string): string => {
        const address = new URL(user === '' ? server.url : server.url.replace('postgres:postgres@', `${user}:${user}@`))
        address.pathname = `/${name}`
        return address.href
      }
      const pool = new pg.Pool({ connectionString: at(''), max: 2 })
      await migrate(pool)
      await fillPostgres(pool, filling)
      await pool.end()
      return postgres(at('reader')).openToRead()
    },
    async stop() {
      await admin.end()
      await server.stop()
    },
  }
}
