/** pg: a Client, or one of a Pool. A Pool itself can begin a transaction and is none. */
import { AuditError } from '../../../errors.ts'
import { hasMethods, insertPending, isATransaction, type Adapter } from './adapter.ts'

interface Client {
  query(text: string, values?: unknown[]): Promise<{ command?: string }>
  /** 'I' outside a transaction, 'T' inside, 'E' in one that has failed. */
  getTransactionStatus?(): string | null
  /** False while a query is under way or waits, which may be a BEGIN. */
  readyForQuery?: boolean
}

interface PoolClient extends Client {
  release(error?: Error): void
  on(event: 'error', listener: () => void): unknown
  off(event: 'error', listener: () => void): unknown
}

interface Pool {
  connect(): Promise<PoolClient>
}

/** Begins a transaction, and knows whether it is one. Others have `query(text, values)` too and can be entered with it. */
const isPool = (value: object): value is Pool => typeof (value as { totalCount?: unknown }).totalCount === 'number'

const isIdle = (client: Client): boolean =>
  client.readyForQuery === true &&
  typeof client.getTransactionStatus === 'function' &&
  client.getTransactionStatus() === 'I'

export const pgAdapter: Adapter<Client, Client | Pool> = {
  library: 'pg',
  recognizes: (value) => hasMethods(value, 'query'),
  whyNoTransaction: (value) =>
    isPool(value) ? 'each query of a Pool may take another connection: pass the client that has said BEGIN' : undefined,
  whyNotOpen: (client) => (isIdle(client) ? 'the client is in no transaction: no BEGIN, or it has ended' : undefined),
  insert: (client, tenant, submission) => client.query(insertPending, [tenant, submission]),
  whyNotBegin(db) {
    if (isPool(db)) return undefined
    const status = db.getTransactionStatus?.()
    if (status === undefined) return 'only a Pool or a Client of pg can: begin it yourself, and use audit.in(tx)'
    return status === 'T' || status === 'E' ? isATransaction : undefined
  },
  begin: (db, fn) => (isPool(db) ? withClient(db, (client) => beginOn(client, fn)) : beginOn(db, fn)),
}

async function beginOn<R>(client: Client, fn: (tx: object) => Promise<R>): Promise<R> {
  await client.query('BEGIN')
  let result: R
  try {
    result = await fn(client)
  } catch (error) {
    // Where that fails too, the connection is lost, and the server rolls back.
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
  const { command } = await client.query('COMMIT')
  // What PostgreSQL does with a transaction in which a statement has failed, and calls no error.
  if (command === 'ROLLBACK')
    throw new AuditError('transaction_failed', 'A statement had failed, so PostgreSQL rolled the transaction back.')
  return result
}

async function withClient<R>(pool: Pool, fn: (client: Client) => Promise<R>): Promise<R> {
  const client = await pool.connect()
  let lost = false
  // Whoever holds a client hears of a lost connection by this event, and ends with it when nobody listens.
  const onError = (): void => void (lost = true)
  client.on('error', onError)
  try {
    return await fn(client)
  } finally {
    client.off('error', onError)
    // A client that may be inside a transaction still must not come back to the pool.
    client.release(lost || !isClean(client) ? new Error('the transaction may not have ended') : undefined)
  }
}

const isClean = (client: Client): boolean => client.getTransactionStatus === undefined || isIdle(client)
