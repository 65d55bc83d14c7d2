/** Triggers and row-level security: what binds whoever has rights on the tables. */
import type { Inspection } from '../../store.ts'
import { findingOf, type Difference, type Schema } from './compare.ts'
import { said } from './tables.ts'

export function inspectGuards(schema: Schema): Inspection[] {
  return [
    findingOf(
      'append-only triggers',
      `all ${schema.count('trigger')} in place, on each table and partition, ENABLE ALWAYS`,
      [...schema.differences('trigger'), ...schema.differences('rule')],
      ({ thing, what }) => `${thing.kind} ${thing.name} on ${thing.on} is ${what === 'changed' ? 'disabled or not as it was made' : said[what]}`, // prettier-ignore
      fixOfTrigger,
    ),
    findingOf(
      'row-level security',
      `enabled and forced on ${schema.count('security')} tables and partitions, with ${schema.count('policy')} policies`,
      [...schema.differences('security'), ...schema.differences('policy')],
      ({ thing, what }) => (thing.kind === 'security' ? `not forced on ${thing.on}` : `policy ${thing.name} on ${thing.on} is ${said[what]}`), // prettier-ignore
      fixOfPolicy,
    ),
  ]
}

function fixOfTrigger({ thing: { kind, on, name, definition }, what }: Difference): string {
  const drop = `DROP ${kind === 'rule' ? 'RULE' : 'TRIGGER'} ${name} ON auditproof.${on};`
  if (what === 'extra') return drop
  const enable = `ALTER TABLE auditproof.${on} ENABLE ALWAYS TRIGGER ${name};`
  return what === 'missing' ? `${definition}; ${enable}` : `${enable} If that is not enough: ${drop} ${definition}; ${enable}` // prettier-ignore
}

function fixOfPolicy({ thing: { kind, on, name, definition }, what }: Difference): string {
  if (kind === 'security') return `ALTER TABLE auditproof.${on} ${definition};`
  const drop = `DROP POLICY ${name} ON auditproof.${on};`
  const create = `CREATE POLICY ${name} ON auditproof.${on} ${definition};`
  return what === 'extra' ? drop : what === 'missing' ? create : `${drop} ${create}`
}
