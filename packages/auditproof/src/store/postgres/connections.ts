/**
 * Transactions over a pool of connections. All that is set is set for the transaction, so that a pooler may give each one
 * another connection; each takes on the role that it needs and no more.
 */
import { AuditError } from '../../errors.ts'
import { types, type PostgresClient, type PostgresPool, type Row } from './client.ts'
import { isConnectionLoss, storeError } from './errors.ts'
import { StatementNames, Transaction, type Tx } from './transaction.ts'
import { postgresLimits } from './limits.ts'

export type Role = 'auditproof_sequencer' | 'auditproof_reader' | 'auditproof_eraser' | 'auditproof_writer'

/** What of the logs a reading transaction sees: schema `auditproof`, 004_access.sql. */
export type Reads = '*' | `=${string}` | `#${number}`

/** A network may take everything and answer nothing, and the pool of an application may wait for it without end. */
export interface ConnectionLimits {
  /** Until there is a connection, milliseconds. */
  connectTimeoutMs: number
  /** Until a statement is answered, milliseconds. */
  queryTimeoutMs: number
}

export class Connections {
  readonly #pool: PostgresPool
  readonly #limits: ConnectionLimits
  readonly #names: StatementNames | undefined

  /** @param prepare statements are planned once a connection; not through a pooler that changes those between transactions */
  constructor(pool: PostgresPool, prepare = false, limits: ConnectionLimits = postgresLimits) {
    this.#pool = pool
    this.#limits = limits
    this.#names = prepare ? new StatementNames() : undefined
  }

  /**
   * Runs `work` in one transaction, durable when it resolves.
   * @param role whose rights it has; those of the login when undefined
   * @param first a statement that is sent with the beginning; its rows are given to `work`
   * @throws AuditError; `outcome_unknown` where the connection was lost while it was committed
   */
  async write<T>(
    doing: string,
    role: Role | undefined,
    work: (tx: Tx, first: Row[]) => Promise<T>,
    first = 'SELECT',
  ): Promise<T> {
    const begin = `BEGIN ISOLATION LEVEL READ COMMITTED; ${settings}; ${role === undefined ? '' : `SET LOCAL ROLE ${role};`}
      ${writeSettings}; ${first}`
    return this.#transaction(doing, begin, async (tx, began) => {
      const results = began as { rows: Row[] }[]
      checkSynchronousCommit(String(results.at(-2)!.rows[0]?.['level']))
      return work(tx, results.at(-1)!.rows)
    })
  }

  /** Several statements that see the store as it was at one time, as the reader. */
  async read<T>(doing: string, reads: Reads, work: (tx: Tx) => Promise<T>): Promise<T> {
    const begin = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${settings}; SET LOCAL ROLE auditproof_reader;
      SET LOCAL auditproof.reads = ${literal(reads)}`
    return this.#transaction(doing, begin, work)
  }

  /** One statement, a transaction of its own, with the rights of the login. */
  async once(doing: string, text: string, ...values: unknown[]): Promise<void> {
    const client = await this.#connect(doing)
    try {
      await client.query({ text, values, query_timeout: this.#limits.queryTimeoutMs })
      release(client)
    } catch (error) {
      client.release(true)
      throw storeError(error, doing)
    }
  }

  /** Reads with the rights of the login itself, whatever they are. */
  look<T>(doing: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#transaction(doing, `BEGIN READ ONLY; ${settings}`, work)
  }

  async #transaction<T>(doing: string, begin: string, work: (tx: Tx, began: unknown) => Promise<T>): Promise<T> {
    const client = await this.#connect(doing)
    const { queryTimeoutMs } = this.#limits
    const tx = new Transaction(client, this.#names, queryTimeoutMs)
    try {
      const began = await client.query({ text: begin, types, query_timeout: queryTimeoutMs })
      const value = await work(tx, began)
      await tx.commit()
      release(client)
      return value
    } catch (error) {
      const isLost = isConnectionLoss(error)
      await giveBack(client, isLost, queryTimeoutMs)
      if (tx.isCommitting && isLost)
        throw new AuditError('outcome_unknown', `Could not ${doing}: the connection was lost while it was committed.`, {
          hint: 'record the event again with the same id',
          cause: error,
        })
      throw storeError(error, doing)
    }
  }

  async #connect(doing: string): Promise<PostgresClient> {
    try {
      const client = await this.#connectWithin(this.#limits.connectTimeoutMs)
      // One that is cut off between two statements says so by an event, which would end the process; the next statement
      // fails anyway.
      client.on('error', ignore)
      return client
    } catch (error) {
      throw storeError(error, doing)
    }
  }

  async #connectWithin(ms: number): Promise<PostgresClient> {
    const connecting = this.#pool.connect()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), ms)))
    try {
      const client = await Promise.race([connecting, late])
      if (client !== undefined) return client
      connecting.then((unwanted) => unwanted.release(), ignore)
      throw new Error(`there was no connection within ${ms} ms`)
    } finally {
      clearTimeout(timer)
    }
  }
}

/** What a database or a login may have set otherwise, and what bytes and times are read by. */
const settings = "SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; SET LOCAL row_security = on"

/**
 * Locks are taken in one order everywhere; what waits longer than this waits for somebody outside. Every statement goes by a
 * key: a plan that was made while the tables were small must not read them whole when they are large.
 */
const writeSettings = `SET LOCAL lock_timeout = '10s'; SET LOCAL idle_in_transaction_session_timeout = '30s';
  SET LOCAL enable_seqscan = off; SELECT current_setting('synchronous_commit') AS level`

function checkSynchronousCommit(level: string): void {
  if (level === 'on' || level === 'remote_apply') return
  throw new AuditError('store_unavailable', `synchronous_commit is ${level}: a commit could be lost.`, {
    hint: 'set it to on (or remote_apply) for this database, role and connection',
  })
}

async function giveBack(client: PostgresClient, isLost: boolean, queryTimeoutMs: number): Promise<void> {
  if (!isLost)
    try {
      await client.query({ text: 'ROLLBACK', query_timeout: queryTimeoutMs })
      release(client)
      return
    } catch {
      // A connection that cannot roll back is of no use any more.
    }
  client.release(true)
}

function release(client: PostgresClient): void {
  client.off('error', ignore)
  client.release()
}

const ignore = (): void => {}

/** SET LOCAL takes no parameters. NUL ends a text in the protocol: no log has such a tenant. */
export function literal(text: string): string {
  const quoted = text.replaceAll('\0', '\ufffd').replaceAll("'", "''")
  return quoted.includes('\\') ? ` E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`
}
