/** Runs the workload as a process of its own, on a disk that is watched or that fails, from the sources or a mutant. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packageRoot = fileURLToPath(new URL('../..', import.meta.url))

export const temporaryDirectory = (): string => mkdtempSync(join(tmpdir(), 'auditproof-faults-'))

/** The watched disk, compiled once. @returns path of the library to preload */
export function compileDisk(): string {
  const library = join(temporaryDirectory(), 'disk.so')
  execFileSync('gcc', [
    '-O2',
    '-shared',
    '-fPIC',
    '-o',
    library,
    join(packageRoot, 'test/faults/disk.c'),
    '-ldl',
    '-lpthread',
  ])
  return library
}

export interface Run {
  data: string
  events: number
  label: string
  /** How often an event is tried again, 20 ms apart. */
  attempts?: number
  disk?: { library: string; trace?: string; fault?: string }
  /** Root of a changed copy of the package; the package itself when absent. */
  root?: string
}

export function startWorkload({ data, events, label, attempts = 20, disk, root = packageRoot }: Run): ChildProcess {
  return spawn(
    process.execPath,
    [
      '--conditions=auditproof-source',
      join(root, 'test/faults/workload.ts'),
      data,
      String(events),
      label,
      String(attempts),
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        ...(disk && { LD_PRELOAD: disk.library, AUDITPROOF_DISK: data }),
        ...(disk?.trace !== undefined && { AUDITPROOF_TRACE: disk.trace }),
        ...(disk?.fault !== undefined && { AUDITPROOF_FAULT: disk.fault }),
      },
    },
  )
}

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stderr: string
}

export function ended(child: ChildProcess): Promise<Ended> {
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stderr }))
  })
}

export const runWorkload = (run: Run): Promise<Ended> => ended(startWorkload(run))

/**
 * A copy of the package with one thing broken on purpose, to see a test fail.
 * @param edits by file below `src`, what is replaced by what; each must occur
 */
export function mutant(edits: Record<string, readonly [from: string, to: string][]>): {
  root: string
  remove: () => void
} {
  // Inside the package, so that its dependencies are found; not below node_modules, where Node strips no types.
  const root = mkdtempSync(join(packageRoot, '.mutant-'))
  cpSync(join(packageRoot, 'src'), join(root, 'src'), { recursive: true })
  cpSync(join(packageRoot, 'test/faults'), join(root, 'test/faults'), { recursive: true })
  cpSync(join(packageRoot, 'package.json'), join(root, 'package.json'))
  for (const [name, replacements] of Object.entries(edits)) {
    const path = join(root, 'src', name)
    let text = readFileSync(path, 'utf8')
    for (const [from, to] of replacements) {
      if (!text.includes(from)) throw new Error(`the mutant of ${name} finds no ${JSON.stringify(from)}`)
      text = text.replaceAll(from, to)
    }
    writeFileSync(path, text)
  }
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) }
}

/** Runs `work` for 1 to `count`, two at a time: a run waits more than it works. */
export async function forEachOf<T>(count: number, work: (n: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  let next = 1
  const worker = async (): Promise<void> => {
    for (let n = next++; n <= count; n = next++) results[n - 1] = await work(n)
  }
  await Promise.all([worker(), worker()])
  return results
}

/** Small, fast, and the same for the same seed: mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export const newSeed = (): number => Number(process.env['AUDITPROOF_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

export const has = (path: string): boolean => existsSync(path)
