/** All that the catalogs say of the schema, one line a thing, in an order of their own. */
import type { TestDatabase } from './database.ts'

export async function catalogOf({ query }: Pick<TestDatabase, 'query'>): Promise<string[]> {
  const rows = await query(`
    SELECT concat_ws(' ', 'class', c.relname, relkind, relowner::regrole, relacl, relrowsecurity, relforcerowsecurity, reloptions,
        pg_get_expr(relpartbound, c.oid)) AS line
      FROM pg_class AS c WHERE relnamespace = 'auditproof'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'column', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
        attcollation::regcollation, attstorage, attacl, pg_get_expr(adbin, adrelid))
      FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
      WHERE relnamespace = 'auditproof'::regnamespace AND attnum > 0
    UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE connamespace = 'auditproof'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'index', pg_get_indexdef(indexrelid))
      FROM pg_index JOIN pg_class AS c ON c.oid = indrelid WHERE relnamespace = 'auditproof'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'trigger', tgrelid::regclass, tgenabled, pg_get_triggerdef(t.oid))
      FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = tgrelid WHERE relnamespace = 'auditproof'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'policy', polrelid::regclass, polname, polcmd, polpermissive, polroles::regrole[],
        pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
      FROM pg_policy JOIN pg_class AS c ON c.oid = polrelid WHERE relnamespace = 'auditproof'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'function', proowner::regrole, proacl, pg_get_functiondef(oid))
      FROM pg_proc WHERE pronamespace = 'auditproof'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'schema', nspowner::regrole, nspacl) FROM pg_namespace WHERE nspname = 'auditproof'
    UNION ALL SELECT concat_ws(' ', 'migration', name, sha256) FROM auditproof.migration
    ORDER BY 1`)
  return rows.map(({ line }) => line as string)
}
