/** The doors inside transactions, with the real libraries on a real server. */
import { drizzle as drizzleOnPg } from 'drizzle-orm/node-postgres'
import { drizzle as drizzleOnPostgresJs } from 'drizzle-orm/postgres-js'
import { sql as drizzleSql } from 'drizzle-orm'
import knex from 'knex'
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createAudit, type Ack, type Audit } from '../../src/index.ts'
import { migrate, postgresStore } from '../../src/store/postgres/index.ts'
import { newDatabase, type TestDatabase } from './database.ts'
import { newPrismaClient, type PrismaTransaction } from './prisma.ts'

/** A library, as these tests use it. */
interface Library {
  /** What `audit.transaction` takes. */
  db: object
  /** A transaction of the library itself, without us. */
  begin: <R>(fn: (tx: object) => Promise<R>) => Promise<R>
  /** Runs SQL in a transaction. */
  run: (tx: never, sql: string) => Promise<unknown>
  /** What `audit.in` refuses although it comes from this library. */
  noTransaction: object
  end: () => Promise<void>
}

async function beginOn<R>(client: pg.ClientBase, fn: (tx: object) => Promise<R>): Promise<R> {
  await client.query('BEGIN')
  try {
    const result = await fn(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}

const quiet = { onnotice: () => {} }

const libraries: [name: string, open: (url: string) => Library | Promise<Library>][] = [
  [
    'pg, a Pool',
    (connectionString) => {
      const db = new pg.Pool({ connectionString, max: 2 })
      const begin: Library['begin'] = async (fn) => {
        const client = await db.connect()
        return beginOn(client, fn).finally(() => client.release())
      }
      return { db, begin, noTransaction: db, run: (tx: pg.PoolClient, sql) => tx.query(sql), end: () => db.end() }
    },
  ],
  [
    'pg, a Client',
    async (connectionString) => {
      const db = new pg.Client({ connectionString })
      await db.connect()
      const noTransaction = new pg.Pool({ connectionString })
      return { db, begin: (fn) => beginOn(db, fn), noTransaction, run: (tx: pg.Client, sql) => tx.query(sql), end: () => db.end() } // prettier-ignore
    },
  ],
  [
    'postgres.js',
    (url) => {
      const db = postgres(url, { ...quiet, max: 2 })
      const begin = (fn: (tx: object) => Promise<unknown>): Promise<unknown> => db.begin(fn)
      return { db, begin: begin as Library['begin'], noTransaction: db, run: (tx: postgres.TransactionSql, sql) => tx.unsafe(sql), end: () => db.end() } // prettier-ignore
    },
  ],
  [
    'Kysely',
    (connectionString) => {
      const db = new Kysely<unknown>({
        dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString, max: 2 }) }),
      })
      return { db, begin: (fn) => db.transaction().execute(fn), noTransaction: db, run: (tx: typeof db, sql) => tx.executeQuery(CompiledQuery.raw(sql)), end: () => db.destroy() } // prettier-ignore
    },
  ],
  [
    'Drizzle on node-postgres',
    (connectionString) => {
      const pool = new pg.Pool({ connectionString, max: 2 })
      const db = drizzleOnPg(pool)
      return { db, begin: (fn) => db.transaction(fn), noTransaction: db, run: (tx: typeof db, sql) => tx.execute(drizzleSql.raw(sql)), end: () => pool.end() } // prettier-ignore
    },
  ],
  [
    'Drizzle on postgres.js',
    (url) => {
      const client = postgres(url, { ...quiet, max: 2 })
      const db = drizzleOnPostgresJs(client)
      return { db, begin: (fn) => db.transaction(fn), noTransaction: db, run: (tx: typeof db, sql) => tx.execute(drizzleSql.raw(sql)), end: () => client.end() } // prettier-ignore
    },
  ],
  [
    'Knex',
    (connection) => {
      const db = knex({ client: 'pg', connection, pool: { min: 0, max: 2 } })
      return { db, begin: (fn) => db.transaction(fn), noTransaction: db, run: async (tx: knex.Knex, sql) => await tx.raw(sql), end: () => db.destroy() } // prettier-ignore
    },
  ],
  [
    'Prisma',
    (url) => {
      const db = newPrismaClient(url)
      return { db, begin: (fn) => db.$transaction(fn), noTransaction: db, run: (tx: PrismaTransaction, sql) => tx.$executeRawUnsafe(sql), end: () => db.$disconnect() } // prettier-ignore
    },
  ],
]

let database: TestDatabase
let pool: pg.Pool
/** One for all: each has a signer of its own, and a store trusts the first. */
let audit: Audit
beforeAll(async () => {
  database = await newDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 4 })
  pool.on('error', () => {}) // dropped under it
  await migrate(pool)
  await pool.query('CREATE TABLE matter (id text PRIMARY KEY)')
  audit = await openAudit()
})
afterAll(async () => {
  await audit.close()
  await pool.end()
  await database.drop()
})

const openAudit = async (): Promise<Audit> =>
  createAudit({
    store: await postgresStore({ database: pool, name: 'doors.example', allowOwner: true }),
  })

describe.each(libraries)('in a transaction of %s', (_, open) => {
  let library: Library
  beforeAll(async () => {
    library = await open(database.url)
  })
  afterAll(() => library.end())

  let number = 0
  /** A change of the application, by which a transaction is known to have committed. */
  const change = async (tx: object): Promise<string> => {
    const id = `${_} ${number++}`
    await library.run(tx as never, `INSERT INTO matter (id) VALUES ('${id}')`)
    return id
  }
  const isChanged = async (id: string): Promise<boolean> =>
    (await database.query('SELECT 1 FROM matter WHERE id = $1', [id])).length > 0
  const isRecorded = async ({ id, tenant }: Ack): Promise<boolean> => {
    const { store } = await audit.opened()
    // Whoever drains at the same time may not have committed yet.
    await vi.waitFor(async () => {
      await store.drainPending(100)
      expect(
        await database.query('SELECT submission FROM auditproof.pending WHERE submission LIKE $1', [`%${id}%`]),
      ).toEqual([])
    })
    return (await store.find(id, tenant)).length > 0
  }
  const transaction = <R>(fn: (tx: object) => Promise<R>): Promise<R> => audit.transaction(library.db, fn as never)
  const failed = expect.objectContaining({ code: 'transaction_failed' }) as Error

  it('audit.in(tx).record() is there when that has committed', async () => {
    const { ack, id } = await library.begin(async (tx) => {
      const id = await change(tx)
      const ack = await audit
        .in(tx)
        .with({ actor: 'user/u_7' })
        .record('matter.open', { target: `matter/${number}` })
      return { ack, id }
    })
    expect({ ...ack }).toEqual({ id: ack.id, tenant: 'default', state: 'in-transaction' })
    expect(await isChanged(id)).toBe(true)
    // Nobody said that it has committed: the tick finds it.
    expect(await ack.published({ timeoutMs: 10_000 })).toMatchObject({
      log: expect.stringContaining('doors.example/') as string,
    })
  })

  it('audit.in(tx).record() is not there when that was rolled back', async () => {
    let ack!: Ack
    const rolledBack = library.begin(async (tx) => {
      await change(tx)
      ack = await audit.in(tx).record('matter.open')
      throw new Error('no')
    })
    await expect(rolledBack).rejects.toThrow('no')
    expect(await isRecorded(ack)).toBe(false)
    await expect(ack.published({ timeoutMs: 100 })).rejects.toMatchObject({ code: 'not_published' })
  })

  it('audit.transaction commits and gives the result; a plain record() joins', async () => {
    const { ack, id } = await transaction(async (tx) => {
      const id = await change(tx)
      await new Promise((resolve) => setTimeout(resolve, 1))
      return { id, ack: await audit.with({ actor: 'user/u_7' }).record('matter.open') }
    })
    expect(ack.state).toBe('in-transaction')
    expect(await isChanged(id)).toBe(true)
    expect(await ack.published({ timeoutMs: 10_000 })).toMatchObject({ treeSize: expect.any(Number) as number })
  })

  it('audit.transaction rolls back when the function throws, and throws the same', async () => {
    let id = ''
    let ack!: Ack
    const mine = new Error('mine')
    const rolledBack = transaction(async (tx) => {
      id = await change(tx)
      ack = await audit.record('matter.open')
      throw mine
    })
    await expect(rolledBack).rejects.toBe(mine)
    expect([await isChanged(id), await isRecorded(ack)]).toEqual([false, false])
  })

  it('waits for a record() that nobody waited for, before it commits', async () => {
    let recorded!: Promise<Ack>
    await transaction(async () => void (recorded = audit.record('matter.open')))
    const ack = await recorded
    expect(ack.state).toBe('in-transaction')
    expect(await isRecorded(ack)).toBe(true)
  })

  it('waits for an inner one that nobody waited for, before it commits', async () => {
    let inner!: Promise<Ack>
    await transaction(async () => {
      inner = transaction(async (tx) => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        await change(tx)
        return audit.record('matter.open')
      })
    })
    // Mutant: without scope.settle() it goes into a transaction that has ended.
    const ack = await inner
    expect(ack.state).toBe('in-transaction')
    expect(await isRecorded(ack)).toBe(true)
  })

  it('does not commit where a record() has failed, though its error was swallowed', async () => {
    await database.query(`CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF new.submission LIKE '%"refuse.me"%' THEN RAISE 'not this one'; END IF; RETURN new; END $$;
      CREATE TRIGGER no BEFORE INSERT ON auditproof.pending FOR EACH ROW EXECUTE FUNCTION no()`)
    try {
      const before = await database.query('SELECT count(*) FROM matter')
      for (const swallow of [
        (tx: object) =>
          audit
            .in(tx)
            .record('refuse.me')
            .catch(() => {}),
        () => audit.record('refuse.me').catch(() => {}),
        async () => void audit.record('refuse.me'),
        async (tx: object) => {
          await library.run(tx as never, 'SAVEPOINT before')
          await audit.record('refuse.me').catch(() => {})
          await library.run(tx as never, 'ROLLBACK TO before')
        },
      ])
        // Mutant: without scope.check() the last one commits.
        await expect(
          transaction(async (tx) => {
            await change(tx)
            await swallow(tx)
          }),
        ).rejects.toThrow(failed)
      expect(await database.query('SELECT count(*) FROM matter')).toEqual(before)
    } finally {
      await database.query('DROP FUNCTION no CASCADE')
    }
  })

  it('gives an event that comes after the end to the store directly', async () => {
    let late!: Promise<Ack>
    await transaction(async () => {
      late = new Promise((resolve) => setTimeout(resolve, 30)).then(() => audit.record('late.event'))
    })
    // Mutant: without isOpen it goes to a connection that is in no transaction, or in another's.
    expect(await late).toMatchObject({ state: 'stored' })
  })

  it('inside another one is part of that one', async () => {
    const ids: string[] = []
    await transaction(async (outer) => {
      ids.push(await change(outer))
      await transaction(async (inner) => {
        expect(inner).toBe(outer)
        ids.push(await change(inner))
        await audit.record('matter.open')
      })
    })
    expect(await Promise.all(ids.map(isChanged))).toEqual([true, true])
    let id = ''
    const half = transaction(async (outer) => {
      id = await change(outer)
      await transaction(() => Promise.reject(new Error('inner'))).catch(() => {})
    })
    await expect(half).rejects.toThrow(failed)
    expect(await isChanged(id)).toBe(false)
  })

  it('leaves audit.system alone', async () => {
    const ack = await transaction(async () => audit.system.record('store.look'))
    expect(ack).toMatchObject({ state: 'stored', tenant: '_system' })
  })

  it('refuses what is no transaction, and a transaction to begin one on', async () => {
    expect(() => audit.in(library.noTransaction)).toThrow(expect.objectContaining({ code: 'usage' }) as Error)
    await library.begin(async (tx) => {
      await expect(audit.transaction(tx, async () => 0)).rejects.toMatchObject({ code: 'usage' })
    })
  })

  it('has an entry for each change that committed, and no other', async () => {
    // A Client has one transaction at a time.
    const width = library.db instanceof pg.Client ? 1 : 40
    const outcomes = await Promise.all(
      Array.from({ length: width }, async (_, i) => {
        let seen: { id: string; ack: Ack } | undefined
        const work = async (tx: object, recorder: Pick<Audit, 'record'>): Promise<void> => {
          seen = { id: await change(tx), ack: await recorder.record('matter.open') }
          if (i % 3 === 0) throw new Error('no')
        }
        const began =
          i % 2 ? transaction((tx) => work(tx, audit)) : library.begin((tx) => work(tx, audit.in(tx) as never))
        await began.catch(() => {})
        return seen
      }),
    )
    for (const seen of outcomes) {
      expect(seen?.ack.state).toBe('in-transaction')
      expect(await isRecorded(seen!.ack)).toBe(await isChanged(seen!.id))
    }
  })
})

describe('audit.in', () => {
  it('says what it was given, and what it takes', async () => {
    for (const [what, said] of [
      [undefined, 'undefined'],
      [null, 'null'],
      [{}, 'an object'],
      [new Map(), 'a Map'],
      ['postgres://…', 'a string'],
    ] as const)
      expect(() => audit.in(what as never)).toThrow(
        expect.objectContaining({ code: 'usage', message: expect.stringContaining(said) as string }) as Error,
      )
  })

  it('refuses a client of pg that is in no transaction, before or after one', async () => {
    const client = await pool.connect()
    const recorder = audit.in(client)
    await expect(recorder.record('a.b')).rejects.toMatchObject({ code: 'usage' })
    await client.query('BEGIN')
    await expect(recorder.record('a.b')).resolves.toMatchObject({ state: 'in-transaction' })
    await client.query('COMMIT')
    await expect(recorder.record('a.b')).rejects.toMatchObject({ code: 'usage' })
    client.release()
  })

  it('takes nothing when the audit is closed', async () => {
    const audit = await openAudit()
    await audit.close()
    const client = await pool.connect()
    await client.query('BEGIN')
    await expect(audit.in(client).record('a.b')).rejects.toMatchObject({ code: 'closed' })
    await client.query('ROLLBACK')
    client.release()
  })

  it('refuses a transaction of PostgreSQL where the store is another one, which would never find it', async () => {
    await using audit = createAudit({
      store: (await import('../../src/store/memory/index.ts')).memoryStore({ name: 'm' }),
    })
    await expect(audit.transaction(pool, () => audit.record('a.b'))).rejects.toMatchObject({ code: 'usage' })
  })
})

describe('audit.transaction on a Pool of pg', () => {
  it('throws where PostgreSQL makes a rollback of its COMMIT', async () => {
    const swallowing = audit.transaction(pool, (tx) => tx.query('no SQL').catch(() => {}))
    await expect(swallowing).rejects.toMatchObject({ code: 'transaction_failed' })
  })

  it('survives the loss of its connection, and gives no broken client back', async () => {
    const lost = audit.transaction(pool, async (tx) => {
      const { rows } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      await database.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid])
      await new Promise((resolve) => setTimeout(resolve, 50))
      await audit.record('a.b')
    })
    await expect(lost).rejects.toMatchObject({ code: 'transaction_failed' })
    await Promise.all(Array.from({ length: 8 }, () => pool.query('SELECT 1')))
  })
})
