import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { acksIn, problemsOf } from './check-store.ts'
import { ended, newSeed, seededRandom, startWorkload, temporaryDirectory } from './harness.ts'

const rounds = Number(process.env['AUDITPROOF_KILLS'] ?? 100)

async function firstAck(data: string, text: string): Promise<void> {
  const path = join(data, 'acks')
  while (!existsSync(path) || !readFileSync(path, 'utf8').includes(text))
    await new Promise((resolve) => setTimeout(resolve, 10))
}

it(`loses nothing acknowledged in ${rounds} rounds of kill -9 on one store`, async () => {
  const seed = newSeed()
  const random = seededRandom(seed)
  const data = temporaryDirectory()
  let killed = 0
  for (let round = 0; round < rounds; round++) {
    const child = startWorkload({ data, events: 100_000, label: `r${round}` })
    const end = ended(child)
    // Some rounds end while the store is being opened, the others under load.
    if (round % 5 !== 0) await firstAck(data, `"stored":"r${round}-`)
    await new Promise((resolve) => setTimeout(resolve, random() * 250))
    child.kill('SIGKILL')
    if ((await end).signal === 'SIGKILL') killed += 1
  }
  const acks = acksIn(data)
  // The one event that checks whether life goes on was not attempted by the workload.
  expect(problemsOf(data, acks), `AUDITPROOF_SEED=${seed}`).toEqual([])
  console.log(
    `kill -9: ${killed} of ${rounds} killed under load, ${acks.stored.size} events acknowledged, ${acks.attempted.size} attempted`,
  )
  expect(killed).toBe(rounds)
  expect(acks.stored.size).toBeGreaterThan(rounds)
  rmSync(data, { recursive: true })
})
