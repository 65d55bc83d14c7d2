/** Who the login is, and who else has the roles: neither may be somebody whom no guard binds. */
import type { Inspection } from '../../store.ts'
import type { Tx } from '../transaction.ts'

interface Login {
  name: string
  quoted: string
  isSuperuser: boolean
  bypasses: boolean
  isOwner: boolean
  writesAll: boolean
  /** Of ours, without the prefix. */
  roles: string
}

/** USAGE: what it can do, not what it may grant. Of superusers it is true of all. */
const logins = `
  SELECT rolname AS name, quote_ident(rolname) AS quoted, rolsuper AS "isSuperuser", rolbypassrls AS bypasses,
    NOT rolsuper AND pg_has_role(r.oid, 'auditproof_owner', 'USAGE') AS "isOwner",
    NOT rolsuper AND pg_has_role(r.oid, 'pg_write_all_data', 'USAGE') AS "writesAll",
    (SELECT coalesce(string_agg(substr(o.rolname, 12), ', ' ORDER BY o.rolname), '') FROM pg_catalog.pg_roles AS o
      WHERE o.rolname IN ('auditproof_writer', 'auditproof_sequencer', 'auditproof_reader', 'auditproof_eraser')
        AND CASE WHEN r.rolsuper THEN EXISTS (SELECT FROM pg_catalog.pg_auth_members WHERE roleid = o.oid AND member = r.oid)
          ELSE pg_has_role(r.oid, o.oid, 'USAGE') END) AS roles
  FROM pg_catalog.pg_roles AS r`

/** @param allowOwner for development: it is worth knowing then, and not wrong */
export async function inspectLogins(tx: Tx, allowOwner: boolean): Promise<Inspection[]> {
  const [login] = await tx.rows<Login>(`${logins} WHERE rolname = session_user`)
  const others = await tx.rows<Login>(
    `SELECT * FROM (${logins} WHERE rolcanlogin AND rolname <> session_user) AS one
     WHERE roles <> '' AND ("isSuperuser" OR bypasses OR "isOwner" OR "writesAll") ORDER BY name`,
  )
  return [ofLogin(login!, allowOwner), ofOthers(others), await ofRoles(tx)]
}

function ofLogin(login: Login, allowOwner: boolean): Inspection {
  const roles = login.roles === '' ? 'none of the roles' : `roles ${login.roles}`
  const unbound = unboundBy(login)
  if (unbound === undefined)
    return login.roles === ''
      ? { name: 'login', ok: false, detail: `${login.name} has ${roles}`, fix: `GRANT auditproof_writer, auditproof_sequencer, auditproof_reader TO ${login.quoted};` } // prettier-ignore
      : { name: 'login', ok: true, detail: `${login.name}, ${roles}` }
  const { why, fix } = unbound
  return {
    name: 'login',
    ok: allowOwner,
    detail: `${login.name} ${why}: no guard binds it${allowOwner ? ', which --allow-owner accepts' : ''}`,
    fix: `connect as a login of its own: CREATE ROLE app LOGIN PASSWORD '…'; GRANT auditproof_writer, auditproof_sequencer, auditproof_reader TO app; or as a superuser: ${fix}`,
  }
}

function unboundBy(login: Login): { why: string; fix: string } | undefined {
  const { quoted } = login
  if (login.isSuperuser) return { why: 'is a superuser', fix: `ALTER ROLE ${quoted} NOSUPERUSER;` }
  if (login.bypasses) return { why: 'bypasses row-level security', fix: `ALTER ROLE ${quoted} NOBYPASSRLS;` }
  if (login.isOwner) return { why: 'owns the tables', fix: `REVOKE auditproof_owner FROM ${quoted};` }
  if (login.writesAll) return { why: 'may write to all tables', fix: `REVOKE pg_write_all_data FROM ${quoted};` }
  return undefined
}

function ofOthers(others: readonly Login[]): Inspection {
  const name = 'other logins'
  if (others.length === 0) return { name, ok: true, detail: 'of those that have the roles, the guards bind all' }
  const unbound = others.map((login) => ({ login, ...unboundBy(login)! }))
  return {
    name,
    ok: false,
    detail: unbound.map(({ login, why }) => `${login.name} (${login.roles}) ${why}`).join(', '),
    fix: `as a superuser: ${unbound.map(({ fix }) => fix).join(' ')}`,
  }
}

/** The roles themselves: nobody logs in as one of them, and none has the rights of another. */
async function ofRoles(tx: Tx): Promise<Inspection> {
  const wrong = await tx.rows<{ detail: string; fix: string }>(
    `SELECT rolname || ' may log in, or has rights of its own' AS detail,
       'ALTER ROLE ' || rolname || ' NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION;' AS fix
     FROM pg_catalog.pg_roles WHERE rolname ~ '^auditproof_(owner|writer|sequencer|reader|eraser)$'
       AND (rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)
     UNION ALL SELECT member::regrole || ' has the rights of ' || roleid::regrole, format('REVOKE %s FROM %s;', roleid::regrole, member::regrole)
     FROM pg_catalog.pg_auth_members JOIN pg_catalog.pg_roles AS r ON r.oid = member
     WHERE rolname ~ '^auditproof_(owner|writer|sequencer|reader|eraser)$'`,
  )
  const name = 'roles'
  if (wrong.length === 0) return { name, ok: true, detail: 'none can log in, none has the rights of another' }
  const joined = (what: 'detail' | 'fix', by: string): string => wrong.map((one) => one[what]).join(by)
  return { name, ok: false, detail: joined('detail', ', '), fix: `as a superuser: ${joined('fix', ' ')}` }
}
