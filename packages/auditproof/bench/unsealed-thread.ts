/** Inserts rows of the sizes that sealed events have, without sealing anything. */
import { randomBytes } from 'node:crypto'
import { workerData } from 'node:worker_threads'
import { sealEvent, takeSubmission } from '../src/event/index.ts'
import { newSalt } from '../src/store/sources.ts'
import { openForWriting } from '../src/store/sqlite/open.ts'
import { positionOf } from '../src/store/sqlite/place.ts'
import { serveThread } from '../src/thread/serve.ts'
import { action, eventNumber } from './event.ts'

const { path } = workerData as { path: string }
const db = openForWriting(path, { name: 'bench', createdAt: '2026-01-01T00:00:00.000Z' })
db.exec(
  "INSERT INTO log (log, tenant, origin, created_at) VALUES (1, 'default', 'bench/1', '2026-01-01T00:00:00.000Z')",
)
db.prepare('INSERT INTO head (log, size, root, recorded_at) VALUES (1, 0, ?, ?)').run(Buffer.alloc(32), '')
const insertEntry = db.prepare('INSERT INTO entry (position, id, entry, leaf_hash) VALUES (?, ?, ?, ?)')
const insertContent = db.prepare(
  `INSERT INTO content (position, occurred_at, recorded_at, action, outcome, severity,
     actor, actor_name, target, target_name, disclosures) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
)
const updateHead = db.prepare('UPDATE head SET size = ?, root = ?, recorded_at = ? WHERE log = 1')

const sample = sealEvent(
  takeSubmission(action, eventNumber(1), {
    now: '2026-01-01T00:00:00.000Z',
    newId: () => '01932f6e-7c00-7000-8000-000000000001',
    deriveId: (text) => text,
    producer: () => ({ id: 'bench', boot: '0123456789abcdef', n: 1 }),
    defaultTenant: 'default',
    origin: { kind: 'direct' },
    trusted: false,
  }),
  '2026-01-01T00:00:00.000Z',
  newSalt,
)
const entry = Buffer.from(sample.entry)
const disclosures = sample.disclosures.join('~')
const hash = randomBytes(32)
let size = 0

function insert(rows: number): void {
  db.exec('BEGIN IMMEDIATE')
  for (let i = 0; i < rows; i++, size++) {
    const position = positionOf(1, size)
    insertEntry.run(position, `01932f6e-7c00-7000-8000-${String(size).padStart(12, '0')}`, entry, hash)
    insertContent.run(
      position,
      '2026-01-01T00:00:00.000',
      '2026-01-01T00:00:00.000',
      action,
      'success',
      'info',
      `user/u_${size % 50}`,
      'Mara Lind',
      `case/c_${size % 5_000}`,
      'Müller ./. Kranz',
      disclosures,
    )
  }
  updateHead.run(size, hash, '2026-01-01T00:00:00.000Z')
  db.exec('COMMIT')
}

serveThread({
  open: () => undefined,
  append: (batch: string) => {
    const rows = JSON.parse(batch) as unknown[]
    const first = size
    insert(rows.length)
    return rows.map((_, i) => ({
      state: 'stored',
      tenant: 'default',
      log: 'bench/1',
      index: first + i,
      leafHash: hash,
      duplicate: false,
    }))
  },
  bulk: (ms: number) => {
    const began = performance.now()
    while (performance.now() - began < ms) insert(10_000)
    return size / ((performance.now() - began) / 1_000)
  },
  close: () => db.close(),
})
