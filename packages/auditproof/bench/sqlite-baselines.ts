/** What people do with SQLite today, and what its tables cost without any sealing. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Queue } from '../src/recorder/queue.ts'
import type { AppendOutcome } from '../src/store/store.ts'
import { Thread } from '../src/thread/thread.ts'
import { action, eventNumber } from './event.ts'
import { closedLoop, type Measured } from './rounds.ts'

/** One INSERT a transaction into an indexed table, durable: the buffered writer when its buffer is full. */
export async function insertPerTransaction(directory: string, ms: number): Promise<Measured> {
  const path = join(directory, 'insert.db')
  const db = new DatabaseSync(path)
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  db.exec('CREATE TABLE audit (id INTEGER PRIMARY KEY, ts TEXT, actor TEXT, action TEXT, target TEXT, detail TEXT)')
  db.exec(
    'CREATE INDEX audit_actor ON audit (actor); CREATE INDEX audit_action ON audit (action); CREATE INDEX audit_target ON audit (target)',
  )
  const insert = db.prepare('INSERT INTO audit (ts, actor, action, target, detail) VALUES (?, ?, ?, ?, ?)')
  const measured = await closedLoop(1, ms, (n) => {
    const event = eventNumber(n)
    insert.run(new Date().toISOString(), `u_${n % 50}`, action, `c_${n % 5_000}`, JSON.stringify(event))
    return Promise.resolve()
  })
  db.close()
  remove(path)
  return measured
}

/**
 * The same tables, indexes, triggers, row sizes and group commits as the store has, with rows made beforehand: nothing
 * is salted, hashed, put in a tree or signed. What sealing costs is the difference.
 */
export async function unsealed(directory: string, callers: number, ms: number): Promise<Measured> {
  const path = join(directory, 'unsealed.db')
  const thread = new Thread<void>({
    module: new URL('unsealed-thread.ts', import.meta.url),
    name: 'unsealed',
    workerData: { path },
  })
  const queue = new Queue((batch) => thread.call<AppendOutcome[]>('append', `[${batch.join(',')}]`))
  await thread.open()
  const measured = await closedLoop(callers, ms, (n) => queue.add('default', JSON.stringify({ ...eventNumber(n), n })))
  await thread.close()
  remove(path)
  return measured
}

/** Rows of the store's size into its tables, 10,000 a transaction: as fast as SQLite takes them. */
export async function bulkInsert(directory: string, ms: number): Promise<Measured> {
  const path = join(directory, 'bulk.db')
  const thread = new Thread<void>({
    module: new URL('unsealed-thread.ts', import.meta.url),
    name: 'bulk',
    workerData: { path },
  })
  await thread.open()
  const rate = await thread.call<number>('bulk', ms)
  await thread.close()
  remove(path)
  return { rate }
}

export function remove(path: string): void {
  for (const ending of ['', '-wal', '-shm']) rmSync(path + ending, { force: true })
}
