/** One INSERT a call into PostgreSQL, as dashboards, law firms and archives do it: a real server, started here. */
import pg from 'pg'
import { startPostgres as startServer } from '../test/postgres/server.ts'
import { action, eventNumber } from './event.ts'
import { closedLoop, type Measured } from './rounds.ts'

export interface PostgresBaseline {
  insertPerCall: (connections: number, callers: number, ms: number) => Promise<Measured>
  stop: () => Promise<void>
}

export async function startPostgres(): Promise<PostgresBaseline> {
  const server = await startServer()
  const connection = { connectionString: server.url }
  const setUp = new pg.Client(connection)
  await setUp.connect()
  await setUp.query(`CREATE TABLE audit_log (id BIGSERIAL PRIMARY KEY, created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    actor TEXT, action TEXT, target TEXT, detail JSONB)`)
  for (const column of ['actor', 'action', 'target']) await setUp.query(`CREATE INDEX ON audit_log (${column})`)
  await setUp.end()
  return {
    async insertPerCall(connections, callers, ms) {
      const pool = new pg.Pool({ ...connection, max: connections })
      const measured = await closedLoop(callers, ms, (n) =>
        pool.query(
          'INSERT INTO audit_log (actor, action, target, detail) VALUES ($1, $2, $3, $4) RETURNING id, created_at',
          [`u_${n % 50}`, action, `c_${n % 5_000}`, JSON.stringify(eventNumber(n))],
        ),
      )
      await pool.end()
      return measured
    },
    stop: server.stop,
  }
}
