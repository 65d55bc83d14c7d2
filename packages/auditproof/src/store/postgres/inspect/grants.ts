/** Nobody but the four roles has a right in the schema, and each of them has its own and no other. */
import type { Inspection } from '../../store.ts'
import type { Tx } from '../transaction.ts'
import { findingOf, type Difference, type Schema } from './compare.ts'

export async function inspectGrants(tx: Tx, schema: Schema): Promise<Inspection[]> {
  return [
    findingOf(
      'grants',
      `${schema.count('grant')} rights of the four roles, and none of anybody else`,
      schema.differences('grant'),
      ({ thing, what }) => `${thing.name} has ${what === 'extra' ? '' : 'no '}${thing.definition} on ${thing.on}`,
      fixOfGrant,
    ),
    await defaultGrants(tx),
  ]
}

const fixOfGrant = ({ thing: { on, name, definition }, what }: Difference): string =>
  what === 'extra'
    ? `REVOKE ${definition.replace(' WITH GRANT OPTION', '')} ON ${on} FROM ${name};`
    : `GRANT ${definition} ON ${on} TO ${name};`

/** Rights that each new partition would be given. */
async function defaultGrants(tx: Tx): Promise<Inspection> {
  const found = await tx.rows<{ who: string; what: string; place: string | null; kind: string }>(
    `SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS who, privilege_type AS what,
       defaclnamespace::regnamespace::text AS place, CASE defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' ELSE 'SCHEMAS' END AS kind
     FROM pg_catalog.pg_default_acl, aclexplode(defaclacl) AS granted
     WHERE defaclrole = 'auditproof_owner'::regrole AND grantee <> defaclrole AND defaclobjtype IN ('r', 'S', 'f')
       AND NOT (defaclobjtype = 'f' AND grantee = 0 AND defaclnamespace = 0)`,
  )
  const name = 'grants to come'
  if (found.length === 0) return { name, ok: true, detail: 'a new partition gives nobody a right' }
  return {
    name,
    ok: false,
    detail: found.map(({ who, what, kind }) => `${who} will have ${what} on new ${kind.toLowerCase()}`).join(', '),
    fix: found
      .map(({ who, what, kind, place }) => {
        const within = place === null || place === '-' ? '' : ` IN SCHEMA ${place}`
        return `ALTER DEFAULT PRIVILEGES FOR ROLE auditproof_owner${within} REVOKE ${what} ON ${kind} FROM ${who};`
      })
      .join(' '),
  }
}
