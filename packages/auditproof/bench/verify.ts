/** Verifying a whole store, against only reading its rows. */
import { join } from 'node:path'
import { createAudit } from '../src/index.ts'
import { verifyStore } from '../src/evidence/index.ts'
import { sqliteStore } from '../src/store/sqlite/index.ts'
import { action, eventNumber } from './event.ts'
import type { Measured } from './rounds.ts'

export interface PreparedStore {
  readRows: () => Promise<Measured>
  verifyAll: () => Promise<Measured>
  close: () => Promise<void>
}

export async function prepareStore(directory: string, events: number): Promise<PreparedStore> {
  const data = join(directory, 'verify')
  const audit = createAudit({ data, origin: 'bench.example' })
  for (let n = 0; n < events; n += 5_000)
    await Promise.all(
      Array.from({ length: Math.min(5_000, events - n) }, (_, i) => audit.record(action, eventNumber(n + i))),
    )
  const { signer } = await audit.opened()
  const { vkey } = signer!
  await audit.close()
  const store = await sqliteStore({ path: join(data, 'audit.db'), name: 'bench.example', readOnly: true })
  const perSecond = async (work: () => Promise<void>): Promise<Measured> => {
    const began = performance.now()
    await work()
    return { rate: events / ((performance.now() - began) / 1_000) }
  }
  return {
    readRows: () =>
      perSecond(async () => {
        const { log, size } = (await store.headOf('default'))!
        for (let from = 0; from < size;) from += (await store.entries(log, from, size)).length
      }),
    verifyAll: () =>
      perSecond(async () => {
        const report = await verifyStore(store, { key: vkey })
        if (report.verdict !== 'verified') throw new Error(JSON.stringify(report))
      }),
    close: () => store.close(),
  }
}
