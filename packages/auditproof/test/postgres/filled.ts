/** A store in PostgreSQL with events of two tenants, published, in the index, and one of them erased in part. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAudit } from '../../src/audit.ts'
import { newStoreDatabase, type StoreDatabase } from './store-database.ts'

export interface FilledDatabase extends StoreDatabase {
  /** Directory of its keys. */
  data: string
}

export async function newFilledDatabase(): Promise<FilledDatabase> {
  const database = await newStoreDatabase()
  const data = mkdtempSync(join(tmpdir(), 'auditproof-filled-'))
  const audit = createAudit({ data, store: database.appUrl })
  for (const tenant of ['mine', 'theirs'])
    for (let n = 0; n < 5; n++)
      await audit.record('case.update', {
        tenant,
        id: `${tenant}-${n}`,
        actor: { type: 'user', id: `${tenant}-actor`, name: `${tenant}-name` },
        target: `case/${tenant}-target`,
        details: { secret: `${tenant}-details` },
      })
  await audit.close()
  return {
    ...database,
    data,
    drop: async () => {
      rmSync(data, { recursive: true })
      await database.drop()
    },
  }
}
