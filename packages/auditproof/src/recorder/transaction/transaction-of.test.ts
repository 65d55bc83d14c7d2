import type { NodePgDatabase, NodePgTransaction } from 'drizzle-orm/node-postgres'
import type { PostgresJsDatabase, PostgresJsTransaction } from 'drizzle-orm/postgres-js'
import type { Knex } from 'knex'
import type { Kysely, Transaction } from 'kysely'
import type { Client, Pool, PoolClient } from 'pg'
import type { Sql, TransactionSql } from 'postgres'
import { expectTypeOf, it } from 'vitest'
import type { TransactionOf } from './transaction-of.ts'

interface Tables {
  matter: { id: string }
}

it('is, for each library, what its own transactions give (checked by tsc)', () => {
  expectTypeOf<TransactionOf<Pool>>().toEqualTypeOf<PoolClient>()
  expectTypeOf<TransactionOf<Client>>().toEqualTypeOf<Client>()
  expectTypeOf<TransactionOf<Sql>>().toExtend<TransactionSql>()
  expectTypeOf<TransactionOf<Kysely<Tables>>>().toEqualTypeOf<Transaction<Tables>>()
  expectTypeOf<TransactionOf<Knex>>().toEqualTypeOf<Knex.Transaction>()
  type Schema = Record<string, never>
  expectTypeOf<TransactionOf<NodePgDatabase>>().toHaveProperty('rollback')
  expectTypeOf<NodePgTransaction<Schema, Schema>>().toExtend<TransactionOf<NodePgDatabase>>()
  expectTypeOf<PostgresJsTransaction<Schema, Schema>>().toExtend<TransactionOf<PostgresJsDatabase>>()
})
