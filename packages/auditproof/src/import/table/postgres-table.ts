/**
 * A table of a PostgreSQL database, read page by page behind the last key, each page in a read-only transaction of its
 * own: a snapshot held for hours would keep the other application's server from cleaning up. A row that commits late,
 * with a key that lies behind, is met by the next run, which begins at the beginning.
 */
import type { Client } from 'pg'
import { AuditError } from '../../errors.ts'
import { importLimits } from '../limits.ts'
import { shownUrl } from './database-url.ts'
import { readingFailed } from './postgres-errors.ts'
import { noUniqueKey, type SourceTable } from './source-table.ts'

const { pageRows, pageBytesMax, connectTimeoutMs } = importLimits

export type LoadPg = () => Promise<{ default: { Client: typeof Client } }>

/** @throws AuditError `usage`, `not_found`, `input_malformed`, `store_unavailable` */
export async function openPostgresTable(
  url: string,
  table: string,
  load: LoadPg = () => import('pg'),
): Promise<SourceTable> {
  const where = shownUrl(url)
  const client = await connect(url, where, load)
  try {
    return await tableOf(client, where, table)
  } catch (error) {
    client.end().catch(() => {})
    throw readingFailed(error, where, table)
  }
}

async function connect(url: string, where: string, load: LoadPg): Promise<Client> {
  const { Client } = (await loadPg(load)).default
  try {
    const client = new Client({
      connectionString: url,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      application_name: 'auditproof import',
    })
    client.on('error', () => {}) // the statement under way, or the next one, says it
    await client.connect()
    return client
  } catch (error) {
    throw readingFailed(error, where, '')
  }
}

async function loadPg(load: LoadPg): ReturnType<LoadPg> {
  try {
    return await load()
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new AuditError('usage', 'The driver for PostgreSQL is not installed.', { hint: 'npm install pg', cause })
  }
}

async function tableOf(client: Client, where: string, named: string): Promise<SourceTable> {
  const found = await describe(client, named)
  if (found === undefined) throw await noSuchTable(client, where, named)
  const { table, columns } = found
  const place = `${table.name} of ${where}`
  const key = columns.find(({ name }) => name === 'id')
  // Told before anything is made: no rights, or rows that row-level security would leave out.
  await readOnly(client, async () => client.query(`SELECT * FROM ${table.quoted} LIMIT 0`))
  if (key !== undefined && !key.isUnique) await checkKey(client, table.quoted, place)
  let isOpen = true
  return {
    instance: `${table.database}/${table.name}`,
    where: place,
    columns: columns.map(({ name }) => name),
    async *rows() {
      for (let after: string | undefined; isOpen;) {
        const page = await readPage(client, table.quoted, columns, after).catch((error: unknown) => {
          if (isOpen) throw readingFailed(error, where, table.name)
          return []
        })
        if (page.length === 0) return
        after = page.at(-1)!.key
        for (const { line } of page) yield line
      }
    },
    close: async () => {
      isOpen = false
      await client.end().catch(() => {})
    },
  }
}

interface Column {
  name: string
  type: string
  isUnique: boolean
}

interface Table {
  database: string
  /** `SCHEMA.TABLE` as a person reads it, and as SQL takes it. */
  name: string
  quoted: string
}

const catalogue = `
SELECT current_database() AS database, n.nspname || '.' || c.relname AS name,
       format('%I.%I', n.nspname, c.relname) AS quoted, a.attname AS column,
       format_type(a.atttypid, a.atttypmod) AS type,
       a.attnotnull AND EXISTS (
         SELECT FROM pg_catalog.pg_index i
          WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
            AND i.indnatts = 1 AND i.indkey[0] = a.attnum) AS unique
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
 ORDER BY a.attnum`

async function describe(client: Client, named: string): Promise<{ table: Table; columns: Column[] } | undefined> {
  const { rows } = await readOnly(client, () =>
    client.query<Table & { column: string; type: string; unique: boolean }>(catalogue, [named]),
  )
  const [first] = rows
  if (first === undefined) return undefined
  const { database, name, quoted } = first
  return {
    table: { database, name, quoted },
    columns: rows.map(({ column, type, unique }) => ({ name: column, type, isUnique: unique })),
  }
}

/** Views and partitioned tables promise nothing: there every key is looked at once. */
async function checkKey(client: Client, table: string, place: string): Promise<void> {
  const { rows } = await readOnly(client, () =>
    client.query<{ id: string | null; n: string }>(
      `SELECT "id"::text AS id, count(*)::text AS n FROM ${table} GROUP BY "id" HAVING count(*) > 1 OR "id" IS NULL LIMIT 1`,
    ),
  )
  const [found] = rows
  if (found !== undefined) throw noUniqueKey(place, `${found.n} rows have the id ${found.id ?? 'NULL'}`)
}

interface Row {
  key: string
  line: string
}

/**
 * The server writes the JSON: times with all digits whatever the driver's types, json as it was stored, bigint and
 * numeric digit by digit. Columns that are null are left out, so that one that is added later changes no row.
 */
async function readPage(
  client: Client,
  table: string,
  columns: readonly Column[],
  after: string | undefined,
): Promise<Row[]> {
  const key = columns.find(({ name }) => name === 'id')!
  const members = columns.map(({ name }, at) => `($1::text[])[${at + 1}] || to_json(t.${quoted(name)})::text`)
  const sql = `
SELECT key, line FROM (
  SELECT id, key, line, sum(octet_length(line)) OVER (ORDER BY id) AS bytes FROM (
    SELECT t."id" AS id, t."id"::text AS key, '{' || concat_ws(',', VARIADIC ARRAY[${members.join(', ')}]) || '}' AS line
      FROM ${table} AS t ${after === undefined ? '' : `WHERE t."id" > $2::text::${key.type}`}
     ORDER BY t."id" LIMIT ${pageRows}) AS page) AS sized
 WHERE bytes <= ${pageBytesMax} OR bytes = octet_length(line) ORDER BY id`
  const names = columns.map(({ name }) => `${JSON.stringify(name)}:`)
  const values = after === undefined ? [names] : [names, after]
  const { rows } = await readOnly(client, () => client.query<Row>(sql, values))
  return rows
}

// Everything that changes how a value is written, and nothing is left out in silence by row-level security.
const settings = `BEGIN READ ONLY; SET LOCAL TimeZone = 'UTC'; SET LOCAL bytea_output = 'hex';
SET LOCAL IntervalStyle = 'iso_8601'; SET LOCAL extra_float_digits = 1; SET LOCAL row_security = off`

async function readOnly<T>(client: Client, read: () => Promise<T>): Promise<T> {
  await client.query(settings)
  try {
    return await read()
  } finally {
    await client.query('ROLLBACK').catch(() => {}) // nothing to keep; a connection that is gone was told already
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

async function noSuchTable(client: Client, where: string, named: string): Promise<AuditError> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname ILIKE '%audit%' AND n.nspname !~ '^pg_'
      ORDER BY 1 LIMIT 10`,
  )
  return new AuditError('not_found', `${where} has no table ${named}.`, {
    hint:
      rows.length === 0
        ? 'name it with --table SCHEMA.NAME'
        : `name it with --table; there is ${rows.map(({ name }) => name).join(', ')}`,
  })
}
