/** A real pgbouncer in transaction mode, of the system: `apt-get install pgbouncer`. */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { freePort } from './server.ts'

export const hasPgbouncer: boolean = spawnSync('pgbouncer', ['--version']).status === 0

export interface Pgbouncer {
  /** The address of a server, through the pooler. */
  through: (url: string) => string
  stop: () => Promise<void>
}

/** @param urls of the logins that may use it, all of one server */
export async function startPgbouncer(urls: readonly string[]): Promise<Pgbouncer> {
  const place = mkdtempSync(join(tmpdir(), 'auditproof-pgbouncer-'))
  chmodSync(place, 0o755)
  const port = await freePort()
  const [first] = urls.map((url) => new URL(url))
  const users = urls.map((url) => new URL(url)).map(({ username, password }) => `"${username}" "${password}"`)
  writeFileSync(join(place, 'users'), users.join('\n'))
  writeFileSync(
    join(place, 'pgbouncer.ini'),
    `[databases]
* = host=${first!.hostname} port=${first!.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(place, 'users')}
pool_mode = transaction
default_pool_size = 3
`,
  )
  // It refuses to run as root.
  const child = spawn('pgbouncer', ['--quiet', ...(process.getuid?.() === 0 ? ['--user', 'postgres'] : []), join(place, 'pgbouncer.ini')], { stdio: 'ignore' }) // prettier-ignore
  const through = (url: string): string => {
    const other = new URL(url)
    other.hostname = '127.0.0.1'
    other.port = String(port)
    return other.href
  }
  for (let left = 100; left > 0 && !(await answers(through(urls[0]!))); left--) await sleep(50)
  return {
    through,
    async stop() {
      child.kill('SIGKILL')
      if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve))
      rmSync(place, { recursive: true })
    },
  }
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString })
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    client.end().catch(() => {})
  }
}
