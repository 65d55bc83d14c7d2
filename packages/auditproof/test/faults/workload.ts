/**
 * A process to be killed, cut off or starved: records events from sixteen callers for three tenants, and writes
 * a line to `<data>/acks` for each ack, in the moment it has it.
 *
 *   node --conditions=auditproof-source workload.ts DATA EVENTS LABEL ATTEMPTS
 */
import { openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createAudit } from '../../src/index.ts'

const [data = '', events = '100', label = 'w', attempts = '20'] = process.argv.slice(2)
const acks = openSync(join(data, 'acks'), 'a')
const tell = (line: object): number => writeSync(acks, `${JSON.stringify(line)}\n`)

const audit = createAudit({ data, origin: 'faults.example' })
let next = 0
async function caller(): Promise<void> {
  while (next < Number(events)) {
    const n = next++
    const id = `${label}-${n}`
    tell({ attempted: id })
    // What fails is tried again with the same id, as the error says.
    for (let attempt = 0; attempt < Number(attempts) && !(await stored(n, id)); attempt++)
      await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function stored(n: number, id: string): Promise<boolean> {
  try {
    const ack = await audit.record('case.update', {
      id,
      tenant: `t${n % 3}`,
      actor: { type: 'user', id: 'u_7', name: 'Mara Lind' },
      target: `case/c_${n}`,
      before: { status: 'open' },
      after: { status: 'closed', note: 'x'.repeat(n % 50 === 0 ? 9_000 : 40) },
    })
    tell({ stored: id, tenant: ack.tenant, index: ack.index })
    return true
  } catch (error) {
    tell({ failed: id, code: (error as { code?: string }).code ?? String(error) })
    return false
  }
}

await Promise.all(Array.from({ length: 16 }, caller))
const report = await audit.close()
tell({ closed: report })
