/**
 * An application whose server is killed, cut off or replaced under it: records events from eight callers for three
 * tenants until it gets SIGTERM, each one until it is acknowledged, and writes a line to ACKS for each in the moment it
 * has it. It is never started again.
 *
 *   node --conditions=auditproof-source workload.ts URL DATA LABEL ACKS [signs] [acknowledges-early]
 */
import { openSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAudit } from '../../../src/index.ts'

const [url = '', data = '', label = 'w', path = '', ...flags] = process.argv.slice(2)
const file = openSync(path, 'a')
const tell = (line: object): number => writeSync(file, `${JSON.stringify(line)}\n`)
const audit = createAudit({ data, store: url, ...(!flags.includes('signs') && { signer: false }) })
let isEnding = false
process.on('SIGTERM', () => (isEnding = true))

let next = 0
async function caller(): Promise<void> {
  while (!isEnding) {
    const n = next++
    const id = `${label}-${n}`
    tell({ attempted: id })
    while (!(await stored(n, id)) && !isEnding) await sleep(20)
  }
}

async function stored(n: number, id: string): Promise<boolean> {
  const tenant = `t${n % 3}`
  const recording = audit.record('case.update', { id, tenant, target: `case/c_${n}`, details: { label, n } })
  if (flags.includes('acknowledges-early')) {
    tell({ stored: id, tenant }) // the mutant: before the server has committed
    await recording.catch(() => {})
    return true
  }
  try {
    const { index } = await recording
    tell({ stored: id, tenant, index })
    return true
  } catch (error) {
    const { code = String(error), message } = error as { code?: string; message: string }
    tell({ failed: id, code, message })
    return false
  }
}

await Promise.all(Array.from({ length: 8 }, caller))
tell({ closed: await audit.close() })
