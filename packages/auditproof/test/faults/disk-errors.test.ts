import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAudit } from '../../src/index.ts'
import { acksIn, problemsOf } from './check-store.ts'
import { compileDisk, forEachOf, has, mutant, runWorkload, temporaryDirectory } from './harness.ts'
import { parseTrace } from './power-cut.ts'

const upTo = Number(process.env['AUDITPROOF_FAULTS'] ?? 60)
let library: string
let base: string

beforeAll(() => {
  library = compileDisk()
  base = temporaryDirectory()
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

/** One run of the workload with one kind of fault from the n-th call on. @returns what is wrong afterwards */
async function runWithFault(
  fault: string,
  root?: string,
): Promise<{ problems: string[]; injected: number; failed: number }> {
  const data = join(base, `run-${Math.random().toString(36).slice(2)}`)
  mkdirSync(data)
  const trace = `${data}.trace`
  const attempts = fault.includes('always') ? 2 : 20
  const disk = { library, trace, fault }
  const end = await runWorkload({ data, events: 60, label: 'f', attempts, disk, ...(root !== undefined && { root }) })
  const injected = has(trace) ? parseTrace(readFileSync(trace)).filter(({ op }) => op === 'F').length : 0
  const acks = acksIn(data)
  const problems = problemsOf(data, acks)
  if (end.code !== 0) problems.push(`the process ended with ${end.code ?? end.signal}: ${end.stderr.slice(-300)}`)
  rmSync(data, { recursive: true })
  return { problems, injected, failed: acks.failed.size }
}

describe('an error of the disk', () => {
  for (const call of ['fsync', 'write'])
    for (const times of ['once', 'always'])
      for (const error of call === 'write' ? ['EIO', 'ENOSPC'] : ['EIO'])
        it(`loses nothing acknowledged: ${error} at ${call} n, ${times}, for every n up to ${upTo}`, async () => {
          const runs = await forEachOf(upTo, (n) => runWithFault(`${call}:${n}:${times}:${error}`))
          const injected = runs.filter((run) => run.injected > 0).length
          const failed = runs.reduce((sum, run) => sum + run.failed, 0)
          console.log(
            `${error} at ${call}, ${times}: injected in ${injected} of ${upTo} runs, ${failed} events rejected`,
          )
          const bad = runs.flatMap(({ problems }, i) => (problems.length > 0 ? [{ n: i + 1, problems }] : []))
          expect(bad.slice(0, 3), `${bad.length} bad runs`).toEqual([])
          // A fault that is never met tests nothing.
          expect(injected).toBeGreaterThan(upTo / 2)
        })

  it('is seen to do harm when a failed commit is taken for a good one', async () => {
    const { root, remove } = mutant({
      'store/sqlite/writer.ts': [["db.exec('COMMIT')", "try { db.exec('COMMIT') } catch { /* mutant */ }"]],
    })
    try {
      const runs = await forEachOf(12, (n) => runWithFault(`fsync:${2 * n + 8}:once:EIO`, root))
      const problems = runs.flatMap((run) => run.problems)
      expect(problems.some((problem) => problem.includes('is lost') || problem.includes('another place'))).toBe(true)
    } finally {
      remove()
    }
  })
})

describe('a full disk', () => {
  it('rejects with disk_full, keeps what it acknowledged, and recovers by itself when there is room', async () => {
    const mount = join(base, 'small')
    mkdirSync(mount)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', mount])
    try {
      const ballast = join(mount, 'ballast')
      writeFileSync(ballast, Buffer.alloc(1_500_000))
      const data = join(mount, 'data')
      const audit = createAudit({ data, origin: 'faults.example' })
      const acks = {
        attempted: new Set<string>(),
        stored: new Map<string, { tenant: string; index: number }>(),
        failed: new Map(),
      }
      const record = async (n: number): Promise<string> => {
        const id = `d-${n}`
        acks.attempted.add(id)
        try {
          const { tenant, index } = await audit.record('file.write', { id, details: { text: 'x'.repeat(2_000) } })
          acks.stored.set(id, { tenant, index: index! })
          return 'stored'
        } catch (error) {
          return (error as { code: string }).code
        }
      }
      let n = 0
      let state = 'stored'
      while (state === 'stored' && n < 2_000) state = await record(n++)
      expect(state).toBe('disk_full')
      expect(statfsSync(mount).bavail).toBeLessThan(20)
      expect(audit.health().status).toBe('failing')
      rmSync(ballast)
      expect(await record(n++)).toBe('stored')
      expect(audit.health().status).toBe('ok')
      console.log(`full disk: ${acks.stored.size} acknowledged, ${n - acks.stored.size} rejected`)
      await audit.close()
      expect(problemsOf(data, acks)).toEqual([])
    } finally {
      execFileSync('umount', [mount])
    }
  })
})
