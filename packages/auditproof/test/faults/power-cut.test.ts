import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { problemsOf, readAcks } from './check-store.ts'
import { compileDisk, mutant, newSeed, runWorkload, seededRandom, temporaryDirectory } from './harness.ts'
import { parseTrace, SimulatedDisk, type DiskOp } from './power-cut.ts'

const states = Number(process.env['AUDITPROOF_POWER_CUTS'] ?? 1_000)
const seed = newSeed()
let library: string
let base: string

beforeAll(() => {
  library = compileDisk()
  base = temporaryDirectory()
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

describe('after a power cut', () => {
  it(`loses nothing acknowledged in ${states} states of a fresh file`, async () => {
    const { ops } = await record('fresh', 500)
    expectNoProblems(cutAtRandom(new Map(), ops, states, seed))
  })

  it(`loses nothing acknowledged in ${states} states of a reopened file`, async () => {
    const first = await record('reopened', 200)
    const before = contentsOf(first.data)
    const { ops } = await record('reopened', 500)
    expectNoProblems(cutAtRandom(before, ops, states, seed + 1))
  })

  it('is seen to lose acknowledged events with synchronous=NORMAL', async () => {
    const { root, remove } = mutant({
      'store/sqlite/open.ts': [
        ['PRAGMA synchronous = FULL', 'PRAGMA synchronous = NORMAL'],
        ["expect(db, 'synchronous', 2)", "expect(db, 'synchronous', 1)"],
      ],
    })
    try {
      const { ops } = await record('mutant', 300, root)
      const failed = cutAtRandom(new Map(), ops, 100, seed)
      console.log(
        `synchronous=NORMAL: ${failed.length} of 100 states have problems, for example ${failed[0]?.problems[0]}`,
      )
      expect(failed.some(({ problems }) => problems.some((problem) => problem.includes('is lost')))).toBe(true)
    } finally {
      remove()
    }
  })
})

async function record(name: string, events: number, root?: string): Promise<{ data: string; ops: DiskOp[] }> {
  const data = join(base, name)
  mkdirSync(data, { recursive: true })
  const trace = join(base, `${name}-${events}.trace`)
  const label = `${name}${events}`
  const end = await runWorkload({ data, events, label, disk: { library, trace }, ...(root !== undefined && { root }) })
  expect(end, end.stderr).toMatchObject({ code: 0 })
  const ops = parseTrace(readFileSync(trace))
  expect(ops.filter(({ op }) => op === 'S').length).toBeGreaterThan(10)
  return { data, ops }
}

const contentsOf = (data: string): Map<string, Buffer> =>
  new Map(readdirSync(data).map((name) => [join(data, name), readFileSync(join(data, name))]))

interface BadState {
  cut: number
  problems: string[]
}

/** Cuts are made in one walk over the trace, since a disk only goes forward. */
function cutAtRandom(before: Map<string, Buffer>, ops: DiskOp[], count: number, from: number): BadState[] {
  const random = seededRandom(from)
  const cuts = Array.from({ length: count }, () => Math.floor(random() * (ops.length + 1))).sort((a, b) => a - b)
  const acksBefore = [...before].find(([path]) => path.endsWith('/acks'))?.[1].toString() ?? ''
  before.delete([...before.keys()].find((path) => path.endsWith('/acks')) ?? '')
  const disk = new SimulatedDisk(before)
  const bad: BadState[] = []
  let at = 0
  for (const cut of cuts) {
    for (; at < cut; at++) disk.apply(ops[at]!)
    const directory = join(base, 'state')
    rmSync(directory, { recursive: true, force: true })
    disk.cut(directory, random)
    const problems = problemsOf(directory, readAcks(acksBefore + disk.acks))
    if (problems.length > 0) {
      bad.push({ cut, problems })
      if (bad.length === 1) keep(directory)
    }
  }
  return bad
}

function expectNoProblems(bad: BadState[]): void {
  expect(bad.slice(0, 5), `${bad.length} bad states; AUDITPROOF_SEED=${seed} repeats them`).toEqual([])
}

/** The first bad state, to be looked at. */
function keep(directory: string): void {
  const kept = join(base, 'bad')
  mkdirSync(kept, { recursive: true })
  for (const name of readdirSync(directory)) copyFileSync(join(directory, name), join(kept, name))
}
