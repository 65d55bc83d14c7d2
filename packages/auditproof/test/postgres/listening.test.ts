/** The connection that listens is lost: nobody misses an event, and it is live again by itself. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createAudit } from '../../src/audit.ts'
import { newStoreDatabase } from './store-database.ts'

test('followers get every event though the connection that listens is ended again and again; then it is live again', async () => {
  const database = await newStoreDatabase()
  const data = mkdtempSync(join(tmpdir(), 'auditproof-listening-'))
  const writing = createAudit({ data, store: database.appUrl })
  await writing.ready()
  const reading = createAudit({ data, store: database.appUrl, signer: false })
  try {
    const { store } = await reading.opened()
    const watch = store.watch(() => {})
    await expect.poll(() => watch.isLive, { timeout: 5_000 }).toBe(true)
    const stop = new AbortController()
    const following = await reading.follow({ tenant: 't' }, { signal: stop.signal, from: 'beginning' })
    const got: string[] = []
    const ended = (async () => {
      for await (const { event } of following) if (event !== undefined) got.push(event.id)
    })()
    const ids = Array.from({ length: 120 }, (_, i) => `e${i}`)
    let terminated = 0
    for (const [i, id] of ids.entries()) {
      await writing.record('a.b', { tenant: 't', id })
      if (i % 15 === 7) {
        const rows = await database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE application_name = 'auditproof-listen' AND datname = current_database()`)
        terminated += rows.length
        if (rows.length > 0) await expect.poll(() => watch.isLive).toBe(false)
      }
      await sleep(10)
    }
    await expect.poll(() => got.length, { timeout: 10_000 }).toBe(ids.length)
    expect(got).toEqual(ids)
    expect(terminated).toBeGreaterThan(1)
    await expect.poll(() => watch.isLive, { timeout: 20_000 }).toBe(true)
    watch.stop()
    stop.abort()
    await ended
  } finally {
    await reading.close()
    await writing.close()
    await database.drop()
    rmSync(data, { recursive: true })
  }
})
