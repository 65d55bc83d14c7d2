/** `record()` as an application calls it: durable, sealed, under signed checkpoints at the tick. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createAudit } from '../src/index.ts'
import { action, eventNumber } from './event.ts'
import { closedLoop, type Measured } from './rounds.ts'

let run = 0

export async function record(directory: string, callers: number, ms: number, tenants = 1): Promise<Measured> {
  const data = join(directory, `record-${run++}`)
  const audit = createAudit({ data, origin: 'bench.example' })
  await audit.ready()
  const of = (n: number): object => (tenants === 1 ? eventNumber(n) : { ...eventNumber(n), tenant: `t${n % tenants}` })
  const measured = await closedLoop(callers, ms, (n) => audit.record(action, of(n)))
  await audit.close()
  rmSync(data, { recursive: true })
  return measured
}
