/** Tables, columns, indexes and functions are those of the migrations, and their owner's. */
import type { Inspection } from '../../store.ts'
import { findingOf, type Difference, type Schema } from './compare.ts'

const restored = 'restore a backup into a schema that auditproof migrate has made.'
const migrated = 'run the text of it that auditproof migrate --print prints.'

export function inspectTables(schema: Schema): Inspection[] {
  const indexes = schema
    .differences('index')
    .filter(({ what, thing }) => what !== 'extra' || thing.definition.startsWith('CREATE UNIQUE'))
  const tables = [
    ...schema.differences('table'),
    ...schema.differences('column'),
    ...schema.differences('check'),
    ...indexes,
  ]
  return [
    findingOf(
      'tables',
      `${schema.count('table')} tables and sequences with their columns and indexes`,
      tables,
      ({ thing, what }) =>
        `${thing.kind} ${thing.on === thing.name ? '' : `${thing.on}.`}${thing.name} is ${said[what]}`,
      fixOfTable,
    ),
    findingOf(
      'functions',
      `all ${schema.count('function')} as the migrations made them`,
      schema.differences('function'),
      ({ thing, what }) => `${thing.name} is ${said[what]}`,
      ({ thing, what }) => (what === 'extra' ? `DROP FUNCTION ${thing.name};` : `${thing.name}: ${migrated}`),
    ),
    findingOf(
      'owner',
      'auditproof_owner owns the schema and all that is in it',
      schema.differences('owner').filter(({ what }) => what === 'changed'),
      ({ thing }) => `${thing.name} is somebody else's`,
      ({ thing }) => {
        const object = thing.on === 'schema' ? `SCHEMA ${thing.name}` : thing.name.includes('(') ? `FUNCTION ${thing.name}` : `TABLE auditproof.${thing.name}` // prettier-ignore
        return `ALTER ${object} OWNER TO auditproof_owner;`
      },
    ),
  ]
}

export const said: { readonly [what in Difference['what']]: string } = {
  missing: 'missing',
  changed: 'not as it was made',
  extra: 'not one of auditproof',
}

function fixOfTable({ thing: { kind, on, name, definition }, what }: Difference): string {
  if (kind === 'index') return what === 'extra' ? `DROP INDEX auditproof.${name};` : `${definition};`
  if (what === 'extra' && kind === 'table') return `ALTER TABLE auditproof.${name} SET SCHEMA public;`
  if (what === 'extra' && kind === 'check') return `ALTER TABLE auditproof.${on} DROP CONSTRAINT ${name};`
  if (what === 'missing' && kind === 'check')
    return `ALTER TABLE auditproof.${on} ADD CONSTRAINT ${name} ${definition};`
  // The only other thing that can be changed of a table without its columns.
  if (what === 'changed' && kind === 'table') return `ALTER TABLE auditproof.${on} SET LOGGED;`
  return restored
}
