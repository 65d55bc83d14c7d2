/**
 * A process to be killed, stopped and cut off: makes changes in a table of its own with an event for each in the same
 * transaction, through both doors, and rolls a part of them back. Ends when all are made, or with a line that says why not.
 *
 *   node --conditions=auditproof-source changes-workload.ts URL DATA LABEL CHANGES SEED inside|outside
 */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { createAudit } from '../../src/index.ts'
import { postgres } from '../../src/store/postgres/index.ts'
import { seededRandom } from '../faults/harness.ts'

const [url = '', data = '', label = 'w', changes = '100', seed = '1', where = 'inside'] = process.argv.slice(2)
const random = seededRandom(Number(seed))
const pool = new pg.Pool({ connectionString: url, max: 8, application_name: 'application' })
pool.on('error', () => {}) // cut off while idle
pool.on('connect', (client) => client.on('error', () => {})) // and while it is used
const audit = createAudit({ data, store: postgres(url, { connections: 3 }), signer: false })

class Reconsidered extends Error {}

/** The change, and what is random about it. */
async function change(tx: pg.PoolClient, id: string): Promise<void> {
  await tx.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE')
  const counter = Math.floor(random() * 4)
  await tx.query('SELECT n FROM counter WHERE id = $1', [counter])
  await tx.query('INSERT INTO change (id) VALUES ($1)', [id])
  if (random() < 0.3) await new Promise((resolve) => setTimeout(resolve, random() * 30))
  await tx.query('UPDATE counter SET n = n + 1 WHERE id = $1', [counter])
}

const event = (id: string): object => ({ id, tenant: `t${id.length % 3}`, target: `change/${id}`, details: { label } })
const mayRollBack = (): void => {
  if (random() < 0.25) throw new Reconsidered()
}

async function throughTransaction(id: string): Promise<void> {
  await audit.transaction(pool, async (tx) => {
    await change(tx, id)
    await audit.record('change.make', event(id)) // joins
    mayRollBack()
  })
}

async function throughIn(id: string, client: pg.PoolClient): Promise<void> {
  await client.query('BEGIN')
  try {
    await change(client, id)
    await (where === 'inside' ? audit.in(client) : audit).record('change.make', event(id))
    mayRollBack()
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}

async function attempt(id: string): Promise<void> {
  if (where === 'inside' && random() < 0.5) return throughTransaction(id)
  const client = await pool.connect()
  let isUsable = false
  try {
    await throughIn(id, client)
    isUsable = true
  } catch (error) {
    isUsable = error instanceof Reconsidered
    throw error
  } finally {
    client.release(!isUsable)
  }
}

let next = 0
const counts = { committed: 0, rolledBack: 0, repeated: 0, lost: 0 }
async function caller(): Promise<void> {
  while (next < Number(changes)) {
    const id = `${label}-${next++}`
    appendFileSync(join(data, 'tried'), `${id}\n`)
    for (let left = 20; left > 0; left--)
      try {
        await attempt(id)
        counts.committed += 1
        break
      } catch (error) {
        if (error instanceof Reconsidered) {
          counts.rolledBack += 1
          break
        }
        const { code } = error as { code?: string }
        if (code === '40001' || code === '40P01') {
          counts.repeated += 1 // as SERIALIZABLE asks for
          continue
        }
        // The connection was lost: nobody here knows whether it was committed, and the table will say.
        counts.lost += 1
        break
      }
  }
}

await Promise.all(Array.from({ length: 8 }, caller))
const report = await audit.close()
await pool.end()
process.stdout.write(`${JSON.stringify({ ...counts, ...report })}\n`)
