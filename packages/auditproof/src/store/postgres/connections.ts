/**
 * Transactions over a pool of connections. All that is set is set for the transaction, so that a pooler may give each one
 * another connection; each takes on the role that it needs and no more.
 */
import { AuditError } from '../../errors.ts'
import { isConnectionLoss, storeError } from './errors.ts'

/** A pool of `pg`, or anything that behaves as one. */
export interface PostgresPool {
  connect: () => Promise<PostgresClient>
}

export interface PostgresClient {
  query: (query: {
    text: string
    values?: unknown[]
    types?: { getTypeParser: (oid: number) => (text: string) => unknown }
  }) => Promise<unknown>
  release: (destroy?: boolean) => void
  on: (event: 'error', listener: (error: Error) => void) => unknown
  off: (event: 'error', listener: (error: Error) => void) => unknown
}

export type Row = Record<string, unknown>
export type Role = 'auditproof_sequencer' | 'auditproof_reader' | 'auditproof_eraser' | 'auditproof_writer'

/** One transaction. */
export interface Tx {
  rows: <R = Row>(text: string, ...values: unknown[]) => Promise<R[]>
}

/** What of the logs a reading transaction sees: schema `auditproof`, 004_access.sql. */
export type Reads = '*' | `=${string}` | `#${number}`

export class Connections {
  readonly #pool: PostgresPool

  constructor(pool: PostgresPool) {
    this.#pool = pool
  }

  /**
   * Runs `work` in one transaction, durable when it resolves.
   * @param role whose rights it has; those of the login when undefined
   * @throws AuditError; `outcome_unknown` where the connection was lost while it was committed
   */
  async write<T>(doing: string, role: Role | undefined, work: (tx: Tx) => Promise<T>): Promise<T> {
    const begin = `BEGIN; ${role === undefined ? '' : `SET LOCAL ROLE ${role};`} ${writeSettings}`
    return this.#transaction(doing, begin, async (tx, began) => {
      const [level] = (began as { rows: Row[] }[]).at(-1)!.rows
      checkSynchronousCommit(String(level?.['level']))
      return work(tx)
    })
  }

  /** Several statements that see the store as it was at one time, as the reader. */
  async read<T>(doing: string, reads: Reads, work: (tx: Tx) => Promise<T>): Promise<T> {
    const begin = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL ROLE auditproof_reader;
      SET LOCAL auditproof.reads = ${literal(reads)}`
    return this.#transaction(doing, begin, work)
  }

  /** Reads with the rights of the login itself, whatever they are. */
  look<T>(doing: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#transaction(doing, 'BEGIN READ ONLY', work)
  }

  async #transaction<T>(doing: string, begin: string, work: (tx: Tx, began: unknown) => Promise<T>): Promise<T> {
    const client = await this.#connect(doing)
    let isCommitting = false
    try {
      const began = await client.query({ text: begin, types })
      const value = await work(transactionOn(client), began)
      isCommitting = true
      const { command } = (await client.query({ text: 'COMMIT' })) as { command: string }
      if (command !== 'COMMIT') throw new Error(`COMMIT answered ${command}`)
      release(client)
      return value
    } catch (error) {
      const isLost = isConnectionLoss(error)
      await giveBack(client, isLost)
      if (isCommitting && isLost)
        throw new AuditError('outcome_unknown', `Could not ${doing}: the connection was lost while it was committed.`, {
          hint: 'record the event again with the same id',
          cause: error,
        })
      throw storeError(error, doing)
    }
  }

  async #connect(doing: string): Promise<PostgresClient> {
    try {
      const client = await this.#pool.connect()
      // One that is cut off between two statements says so by an event, which would end the process; the next statement
      // fails anyway.
      client.on('error', ignore)
      return client
    } catch (error) {
      throw storeError(error, doing)
    }
  }
}

/** Locks are taken in one order everywhere; what waits longer than this waits for somebody outside. */
const writeSettings = `SET LOCAL lock_timeout = '10s'; SET LOCAL idle_in_transaction_session_timeout = '30s';
  SELECT current_setting('synchronous_commit') AS level`

function checkSynchronousCommit(level: string): void {
  if (level === 'on' || level === 'remote_apply') return
  throw new AuditError('store_unavailable', `synchronous_commit is ${level}: a commit could be lost.`, {
    hint: 'set it to on (or remote_apply) for this database, role and connection',
  })
}

async function giveBack(client: PostgresClient, isLost: boolean): Promise<void> {
  if (!isLost)
    try {
      await client.query({ text: 'ROLLBACK' })
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

const transactionOn = (client: PostgresClient): Tx => ({
  async rows<R>(text: string, ...values: unknown[]) {
    const { rows } = (await client.query({ text, values, types })) as { rows: R[] }
    return rows
  },
})

/** SET LOCAL takes no parameters. NUL ends a text in the protocol: no log has such a tenant. */
export function literal(text: string): string {
  const quoted = text.replaceAll('\0', '\ufffd').replaceAll("'", "''")
  return quoted.includes('\\') ? ` E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`
}

const parsers: { readonly [oid: number]: (text: string) => unknown } = {
  16: (text) => text === 't',
  17: (text) => Buffer.from(text.slice(2), 'hex'), // bytea, as \x…
  20: Number, // indexes and sizes stay far below 2^53
  23: Number,
  701: Number,
}

/** The application may have set parsers of its own for its pool. */
const types = { getTypeParser: (oid: number) => parsers[oid] ?? ((text: string) => text) }
