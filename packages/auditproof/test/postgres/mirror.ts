/**
 * A store in PostgreSQL that is made to hold, row by row, what an SQLite store holds. So whatever is done to the rows of the
 * one, the tamperings of `test/tamper`, is done to those of the other. The guards are off: this is a superuser.
 */
import type { DatabaseSync } from 'node:sqlite'
import { tables } from './attempts.ts'
import type { TestDatabase } from './database.ts'

/** Of each table its key in PostgreSQL; `pending` and what is only of a moment is left out. */
const keys: { readonly [table: string]: readonly string[] } = {
  store: ['single'],
  log: ['log'],
  head: ['log'],
  entry: ['log', 'idx'],
  content: ['log', 'idx', 'month'],
  tile: ['log', 'level', 'n'],
  checkpoint: ['log', 'size'],
  erasure: ['log', 'idx', 'disclosure_group'],
  feed: ['position'],
  posting: ['log', 'leaf', 'key'],
  carried: ['log', 'level', 'n', 'key'],
  node: ['log', 'level', 'n'],
  leaf_times: ['log', 'leaf'],
}

type PgRow = Record<string, unknown>
type Rows = Map<string, Map<string, PgRow>>

/** What PostgreSQL cannot hold at all: nobody can do it there. */
export class NotHere extends Error {}

export class Mirror {
  readonly #database: Pick<TestDatabase, 'query'>
  readonly #month: string
  #held: Rows = new Map()

  /** @param month of all events, as `content` has it */
  private constructor(database: Pick<TestDatabase, 'query'>, month: string) {
    this.#database = database
    this.#month = month
  }

  static async over(database: Pick<TestDatabase, 'query'>): Promise<Mirror> {
    const partitions = await database.query("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'")
    for (const table of [...tables, ...partitions.map(({ relname }) => relname as string)])
      await database.query(`ALTER TABLE auditproof.${table} DISABLE TRIGGER USER`)
    await database.query('ALTER TABLE auditproof.entry DROP CONSTRAINT entry_log_id_key')
    await database.query('ALTER TABLE auditproof.checkpoint DROP CONSTRAINT checkpoint_check')
    await database.query("SELECT setval('auditproof.log_log_seq', 100)") // behind the logs that are to come
    return new Mirror(database, `${new Date().toISOString().slice(0, 7)}-01`)
  }

  /** @throws NotHere, and then nothing is changed; also where nothing would be, as what differs is no text here */
  async hold(db: DatabaseSync): Promise<void> {
    const wanted = this.#rowsOf(db)
    const statements: [sql: string, rows: PgRow[]][] = []
    for (const [table, key] of Object.entries(keys)) {
      const [before, after] = [this.#held.get(table) ?? new Map<string, PgRow>(), wanted.get(table)!]
      const gone = [...before].filter(([text]) => !after.has(text)).map(([, row]) => row)
      const come = [...after].filter(([text]) => !before.has(text)).map(([, row]) => row)
      const same = key.map((column) => `t.${column} = r.${column}`).join(' AND ')
      const given = `json_populate_recordset(NULL::auditproof.${table}, $1) AS r`
      if (gone.length > 0)
        statements.unshift([`DELETE FROM auditproof.${table} AS t USING ${given} WHERE ${same}`, gone])
      if (come.length > 0)
        statements.push([`INSERT INTO auditproof.${table} OVERRIDING SYSTEM VALUE SELECT * FROM ${given}`, come])
    }
    if (statements.length === 0) throw new NotHere('nothing differs')
    await this.#all(statements)
    this.#held = wanted
  }

  /** In one transaction: of what cannot be done nothing is left. */
  async #all(statements: readonly [sql: string, rows: PgRow[]][]): Promise<void> {
    const parts = statements.map(([sql, rows]) => sql.replace('$1', () => `$json$${JSON.stringify(rows)}$json$`))
    try {
      await this.#database.query(`BEGIN; ${parts.join(';\n')}; COMMIT`)
    } catch (error) {
      await this.#database.query('ROLLBACK')
      if (/^(?:22|23)/.test(String((error as { code?: string }).code))) throw new NotHere((error as Error).message)
      throw error
    }
  }

  #rowsOf(db: DatabaseSync): Rows {
    return new Map(
      Object.keys(keys).map((table) => {
        const statement = db.prepare(`SELECT * FROM ${table}`)
        statement.setReadBigInts(true)
        const rows = statement.all().map((row) => this.#pgRow(table, row))
        return [table, new Map(rows.map((row) => [JSON.stringify(row), row]))]
      }),
    )
  }

  #pgRow(table: string, row: Record<string, unknown>): PgRow {
    const values = Object.fromEntries(
      Object.entries(row).map(([column, value]) => [column, inJson(table, column, value)]),
    )
    if (table === 'store') return { single: true, ...values }
    if (table === 'node') return { ...values, top: row['top'] === 1n }
    if (!['entry', 'content', 'leaf_times'].includes(table)) return values
    const { position, ...others } = values
    const place = BigInt(String(position))
    const [log, idx] = [Number(place >> 33n), Number(place & (2n ** 33n - 1n))]
    if (table !== 'leaf_times') return { ...others, log, idx, month: this.#month }
    if (idx % 4096 !== 0) throw new NotHere('leaf_times has a leaf, no position')
    return { ...others, log, leaf: idx / 4096 }
  }
}

function inJson(table: string, column: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (!(value instanceof Uint8Array)) {
    if (typeof value === 'string' && value.includes('\0')) throw new NotHere('no text of PostgreSQL holds NUL')
    return value
  }
  if (table !== 'entry' || column !== 'entry') return `\\x${Buffer.from(value).toString('hex')}`
  const text = Buffer.from(value).toString('utf8')
  if (!Buffer.from(text).equals(Buffer.from(value)) || text.includes('\0')) throw new NotHere('an entry is text')
  return text
}
