import { rmSync } from 'node:fs'
import { expect, it } from 'vitest'
import { verifyStore } from '../../src/evidence/index.ts'
import { openKey } from '../../src/sequencer/key-file.ts'
import { sqliteStore } from '../../src/store/sqlite/index.ts'
import { acksIn, problemsOf } from '../faults/check-store.ts'
import { runWorkload, temporaryDirectory } from '../faults/harness.ts'

it('two processes record into one store, without gap, fork or corruption', async () => {
  const data = temporaryDirectory()
  const ends = await Promise.all(['a', 'b'].map((label) => runWorkload({ data, events: 300, label })))
  for (const end of ends) expect(end, end.stderr).toMatchObject({ code: 0 })
  const acks = acksIn(data)
  expect([...acks.stored.keys()].map((id) => id[0]).filter((label) => label === 'a')).toHaveLength(300)
  expect(acks.stored.size).toBe(600)
  const store = await sqliteStore({ path: `${data}/audit.db`, name: 'unused', readOnly: true })
  const report = await verifyStore(store, { key: openKey(data, undefined).vkey })
  await store.close()
  expect(report).toMatchObject({ verdict: 'verified' })
  expect(problemsOf(data, acks)).toEqual([])
  rmSync(data, { recursive: true })
})
