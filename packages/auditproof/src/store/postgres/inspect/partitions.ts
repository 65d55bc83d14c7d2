/** The months of `content`: there before they are needed, without a gap, and nothing beside them. */
import type { Inspection } from '../../store.ts'
import type { Tx } from '../transaction.ts'

/** This month and so many after it. Appending makes them three ahead. */
const monthsAhead = 1

interface Partition {
  name: string
  bound: string
}

export async function inspectPartitions(tx: Tx): Promise<Inspection[]> {
  const partitions = await tx.rows<Partition>(
    `SELECT CASE WHEN relnamespace = 'auditproof'::regnamespace THEN '' ELSE relnamespace::regnamespace || '.' END || relname AS name,
       pg_get_expr(relpartbound, oid) AS bound
     FROM pg_catalog.pg_class JOIN pg_catalog.pg_inherits ON inhrelid = oid
     WHERE inhparent = (SELECT oid FROM pg_catalog.pg_class WHERE relname = 'content' AND relnamespace = 'auditproof'::regnamespace)
     ORDER BY relname`,
  )
  const detached = await tx.rows<{ name: string }>(
    `SELECT relname::text AS name FROM pg_catalog.pg_class WHERE relnamespace = 'auditproof'::regnamespace
     AND relkind = 'r' AND NOT relispartition AND relname ~ '^content_(default|[0-9]{4}_[0-9]{2})$'`,
  )
  const strays = await tx.rows<{ child: string; parent: string }>(
    `SELECT inhrelid::regclass::text AS child, inhparent::regclass::text AS parent FROM pg_catalog.pg_inherits
     JOIN pg_catalog.pg_class AS p ON p.oid = inhparent WHERE p.relnamespace = 'auditproof'::regnamespace
       AND p.relkind = 'r'`,
  )
  const [{ months }] = (await tx.rows<{ months: string }>(
    `SELECT string_agg(to_char(m, 'YYYY-MM'), ' ' ORDER BY m) AS months
     FROM generate_series(date_trunc('month', now() AT TIME ZONE 'UTC'),
       date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => $1), '1 month') AS m`,
    monthsAhead,
  )) as [{ months: string }]
  const apart = detached.map(({ name }) => name)
  return [ofMonths(partitions, apart, months.split(' ')), ofForeign(partitions, strays)]
}

function ofMonths(
  partitions: readonly Partition[],
  detached: readonly string[],
  needed: readonly string[],
): Inspection {
  const there = new Set(partitions.map(({ name }) => name))
  const months = [...there].filter(isMonth).sort()
  const wanted = new Set(['content_default', ...needed.map(nameOf), ...detached])
  const lacks = [...wanted].filter((one) => !there.has(one))
  const name = 'months of content'
  if (lacks.length === 0) {
    const gaps = missingBetween(months)
    const detail = `${months.length} partitions, ${months[0]} to ${months.at(-1)}`
    if (gaps.length === 0) return { name, ok: true, detail }
    // As after a pause of some months. What was there once, verify misses.
    return { name, ok: true, detail: `${detail}, without ${gaps.join(', ')}`, fix: 'if something was recorded then, run auditproof verify' } // prettier-ignore
  }
  return {
    name,
    ok: false,
    detail: `no part of content: ${lacks.join(', ')}; what is recorded of them is missing, or goes to content_default`,
    fix: `as auditproof_owner: ${lacks.map((one) => (detached.includes(one) ? attach(one) : make(one))).join(' ')}`,
  }
}

const isMonth = (name: string): boolean => /^content_\d{4}_\d{2}$/.test(name)
const nameOf = (month: string): string => `content_${month.replace('-', '_')}`

function nextOf(name: string): string {
  const [, year, month] = name.split('_').map(Number) as [number, number, number]
  return month === 12 ? `content_${year + 1}_01` : `content_${year}_${String(month + 1).padStart(2, '0')}`
}

/** Retention drops the oldest, so none is missing between two that are there. */
function missingBetween(months: readonly string[]): string[] {
  const missing: string[] = []
  for (const [i, name] of months.entries())
    for (let next = nextOf(name); i + 1 < months.length && next < months[i + 1]!; next = nextOf(next))
      missing.push(next)
  return missing
}

const firstOf = (name: string): string => `${name.slice(8, 12)}-${name.slice(13, 15)}-01`
const make = (name: string): string =>
  `CREATE TABLE auditproof.${name} PARTITION OF auditproof.content ${boundOf(name)}; SELECT auditproof.guard_partition('${name}');`
const attach = (name: string): string =>
  `ALTER TABLE auditproof.content ATTACH PARTITION auditproof.${name} ${boundOf(name)};`

function ofForeign(partitions: readonly Partition[], strays: readonly { child: string; parent: string }[]): Inspection {
  const foreign = partitions.filter(({ name, bound }) => bound !== boundOf(name)).map(({ name }) => name)
  const found = [
    ...foreign.map((name) => ({ detail: `${name} is no month that auditproof made`, fix: `ALTER TABLE auditproof.content DETACH PARTITION ${name.includes('.') ? name : `auditproof.${name}`};` })), // prettier-ignore
    ...strays.map(({ child, parent }) => ({ detail: `${child} adds rows to ${parent}`, fix: `ALTER TABLE ${child} NO INHERIT ${parent};` })), // prettier-ignore
  ]
  const name = 'tables beside ours'
  if (found.length === 0) return { name, ok: true, detail: 'none is part of ours' }
  const joined = (what: 'detail' | 'fix', by: string): string => found.map((one) => one[what]).join(by)
  return { name, ok: false, detail: joined('detail', ', '), fix: `look what is in it, then: ${joined('fix', ' ')}` }
}

const boundOf = (name: string): string =>
  name === 'content_default' ? 'DEFAULT' : isMonth(name) ? `FOR VALUES FROM ('${firstOf(name)}') TO ('${firstOf(nextOf(name))}')` : '' // prettier-ignore

/** In a transaction whose login may become the reader. */
export async function inspectDefault(tx: Tx): Promise<Inspection> {
  const months = await tx.rows<{ month: string; n: number }>(
    "SELECT month::text, count(*) AS n FROM auditproof.content WHERE tableoid = 'auditproof.content_default'::regclass GROUP BY month ORDER BY month",
  )
  const name = 'content_default'
  if (months.length === 0) return { name, ok: true, detail: 'empty' }
  return {
    name,
    ok: false,
    detail: `holds ${months.map(({ month, n }) => `${n} of ${month.slice(0, 7)}`).join(', ')}: retention cannot drop that month by itself`,
    fix: 'docs/postgresql.md, "Rows in content_default", says how they are moved into a partition of their own',
  }
}
