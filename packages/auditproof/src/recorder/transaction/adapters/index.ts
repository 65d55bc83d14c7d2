/** Every library that a transaction can come from. */
import { AuditError } from '../../../errors.ts'
import type { Adapter } from './adapter.ts'
import { drizzleAdapter } from './drizzle.ts'
import { knexAdapter } from './knex.ts'
import { kyselyAdapter } from './kysely.ts'
import { pgAdapter } from './pg.ts'
import { postgresJsAdapter } from './postgres-js.ts'
import { prismaAdapter } from './prisma.ts'

export type { Adapter } from './adapter.ts'

/** pg comes last: others have a method `query` too. */
const adapters: readonly Adapter[] = [
  kyselyAdapter, drizzleAdapter, knexAdapter, prismaAdapter, postgresJsAdapter, pgAdapter,
] // prettier-ignore

/** @throws AuditError `usage` for what comes from none of them */
export function adapterOf(value: unknown): Adapter {
  const found = isObject(value) ? adapters.find((adapter) => adapter.recognizes(value)) : undefined
  if (found === undefined)
    throw new AuditError('usage', `${described(value)} is no transaction that auditproof can write in.`, {
      hint:
        'accepted are those of pg, postgres.js, Kysely, Drizzle (PostgreSQL), Knex and Prisma, anything else with ' +
        'query(text, values), and handles of node:sqlite and better-sqlite3',
    })
  return found
}

/** @throws AuditError `usage` */
export function transactionAdapterOf(value: unknown): Adapter {
  const adapter = adapterOf(value)
  const why = adapter.whyNoTransaction(value as object)
  if (why !== undefined)
    throw new AuditError('usage', `${described(value)} (${adapter.library}) is no transaction: ${why}.`)
  return adapter
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

export function described(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  if (!isObject(value)) return `a ${typeof value}`
  const name: unknown = value.constructor?.name
  if (typeof name !== 'string' || name === '' || name === 'Object') return 'an object'
  return name === 'Function' ? 'a function' : `a ${name}`
}
