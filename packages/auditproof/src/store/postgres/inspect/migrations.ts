import type { Inspection } from '../../store.ts'
import type { Tx } from '../transaction.ts'
import { appliedMigrations, migrations } from '../migrate.ts'

export async function inspectMigrations(tx: Tx): Promise<Inspection> {
  const name = 'migrations'
  const [right] = await tx.rows<{ yes: boolean }>("SELECT has_schema_privilege('auditproof', 'USAGE') AS yes")
  if (!right!.yes) return { name, ok: true, detail: 'not looked at: this login has none of the roles' }
  const applied = await appliedMigrations((text, values = []) => tx.rows(text, ...values))
  const known = migrations()
  const other = known.filter(({ name, sha256 }) => applied.get(name) !== sha256).map(({ name }) => name)
  if (other.length === 0) return { name, ok: true, detail: `all ${known.length} applied` }
  return {
    name,
    ok: false,
    detail: `not applied as they are here: ${other.join(', ')}`,
    fix: 'find out where that text comes from: a release never changes a migration. The findings below say what differs',
  }
}
