/** One transaction on one connection: its statements, and what is known of its commit. */
import { createHash } from 'node:crypto'
import { AuditError } from '../../errors.ts'
import { types, type Notice, type PostgresClient, type Row } from './client.ts'

/** One transaction. */
export interface Tx {
  rows: <R = Row>(text: string, ...values: unknown[]) => Promise<R[]>
  /**
   * The last statement of all: the commit goes with it, where the connection takes both at once. Where it fails, its error is
   * the one that is told, and the commit has been a rollback.
   */
  last: (text: string, ...values: unknown[]) => Promise<void>
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const warningCode = '01000'

export class Transaction implements Tx {
  readonly #client: PostgresClient
  readonly #names: StatementNames | undefined
  readonly #queryTimeoutMs: number
  #committing: Promise<unknown> | undefined

  constructor(client: PostgresClient, names: StatementNames | undefined, queryTimeoutMs: number) {
    this.#client = client
    this.#names = names
    this.#queryTimeoutMs = queryTimeoutMs
  }

  /** Nobody knows any more what the server does, should the connection be lost. */
  get isCommitting(): boolean {
    return this.#committing !== undefined
  }

  async rows<R>(text: string, ...values: unknown[]): Promise<R[]> {
    return ((await this.#query(text, values)) as { rows: R[] }).rows
  }

  async last(text: string, ...values: unknown[]): Promise<void> {
    const answered = this.#query(text, values)
    if (this.#client.pipeline === true) {
      this.#committing = this.#commit()
      this.#committing.catch(() => {}) // told by commit(); or it follows from why the statement failed
    }
    await answered
  }

  async commit(): Promise<void> {
    this.#committing ??= this.#commit()
    const { command } = (await this.#committing) as { command: string }
    if (command !== 'COMMIT') throw new Error(`COMMIT answered ${command}`)
  }

  /** Whoever cancels the wait for a synchronous standby makes the server report a commit that no other machine has. */
  async #commit(): Promise<unknown> {
    let warning: string | undefined
    const heard = ({ code, message }: Notice): void => void (code === warningCode && (warning = message))
    this.#client.on('notice', heard)
    try {
      const answer = await this.#client.query({ text: 'COMMIT', query_timeout: this.#queryTimeoutMs })
      if (warning === undefined) return answer
    } finally {
      this.#client.off('notice', heard)
    }
    throw new AuditError('outcome_unknown', `Committed, and the server warns: ${warning}.`, {
      hint: 'record the event again with the same id',
    })
  }

  #query(text: string, values: unknown[]): Promise<unknown> {
    const name = this.#names?.of(text)
    const query_timeout = this.#queryTimeoutMs
    return this.#client.query({ text, values, types, query_timeout, ...(name !== undefined && { name }) })
  }
}

/** The same text has the same name, on every connection. */
export class StatementNames {
  readonly #names = new Map<string, string>()

  /** Undefined for texts of which there are too many: each stays on every connection. */
  of(text: string): string | undefined {
    const known = this.#names.get(text)
    if (known !== undefined || this.#names.size >= statementsMax) return known
    const name = `auditproof_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`
    this.#names.set(text, name)
    return name
  }
}

const statementsMax = 200
