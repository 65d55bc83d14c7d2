/** The store as an attacker sees it, who may write everything and has no key. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { formatCheckpoint, leafHash, signNote, vkeyFor } from '../../src/log/index.ts'
import { emptyRightEdge, extendRightEdge, rightEdgeRoot } from '../../src/store/right-edge.ts'
import type { Random } from '../../src/testing/random.ts'
import type { ErasedEvent, Prepared } from './prepare.ts'

export interface Log {
  log: number
  tenant: string
  origin: string
  /** As they were before the tampering. */
  size: number
  published: number
}

const indexesPerLog = 2 ** 33

export class World {
  readonly db: DatabaseSync
  readonly random: Random
  readonly logs: Log[]
  /** What the attacker had put aside of content that was erased later. */
  readonly erased: readonly ErasedEvent[]
  /** An event of the large log that an application said was erased before it was there, in the event at `by`. */
  readonly foretold: { index: number; by: number }

  constructor(db: DatabaseSync, random: Random, { erased, foretold }: Pick<Prepared, 'erased' | 'foretold'>) {
    this.erased = erased
    this.foretold = foretold
    this.db = db
    this.random = random
    this.logs = this.all(
      'SELECT log, tenant, origin, size, note_size AS published FROM log JOIN head USING (log) ORDER BY log',
    ) as unknown as Log[]
  }

  all(sql: string, ...values: SQLInputValue[]): Record<string, SQLInputValue>[] {
    return this.db.prepare(sql).all(...values)
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows the columns it asks for
  one<T>(sql: string, ...values: SQLInputValue[]): T {
    return this.db.prepare(sql).get(...values) as T
  }

  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.db.prepare(sql).run(...values).changes)
  }

  logOf(tenant: string): Log {
    return this.logs.find((log) => log.tenant === tenant)!
  }

  /** Any log, the large one as often as all others. */
  pickLog(fits: (log: Log) => boolean = () => true): Log {
    const fitting = this.logs.filter(fits)
    return this.random.below(2) === 0 ? fitting[0]! : this.random.pick(fitting)
  }

  /** A log whose entries are events. */
  pickEvents(fits: (log: Log) => boolean = () => true): Log {
    return this.pickLog((log) => log.tenant !== '_meta' && fits(log))
  }

  position({ log }: Log, index: number): number {
    return log * indexesPerLog + index
  }

  /** Moves entries with their content; a whole range at once. */
  move(log: Log, from: number, to: number, by: number): void {
    for (const table of ['entry', 'content']) {
      const range = [this.position(log, from), this.position(log, to)]
      this.run(`UPDATE ${table} SET position = -position - ? WHERE position >= ? AND position < ?`, by, ...range)
      this.run(`UPDATE ${table} SET position = -position WHERE position < 0`)
    }
  }

  /** All that can be had without the key: leaf hashes, tiles, the size and root of the head. */
  recompute(log: Log): void {
    const rows = this.all(
      'SELECT position, entry FROM entry WHERE position >= ? AND position < ? ORDER BY position',
      this.position(log, 0),
      this.position(log, indexesPerLog - 1),
    )
    const hashes = rows.map(({ position, entry }) => {
      const hash = leafHash(entry as Uint8Array)
      this.run('UPDATE entry SET leaf_hash = ? WHERE position = ? AND leaf_hash <> ?', hash, position!, hash)
      return hash
    })
    const { rightEdge, tiles } = extendRightEdge(emptyRightEdge, hashes)
    this.run('DELETE FROM tile WHERE log = ?', log.log)
    for (const { level, n, hashes: bytes, root } of tiles)
      this.run('INSERT INTO tile (log, level, n, hashes, root) VALUES (?, ?, ?, ?, ?)', log.log, level, n, bytes, root)
    this.run('UPDATE head SET size = ?, root = ? WHERE log = ?', hashes.length, rightEdgeRoot(rightEdge), log.log)
    if (log.tenant !== '_meta' && rows.length > 0) {
      const { recordedAt } = JSON.parse(Buffer.from(rows.at(-1)!['entry'] as Uint8Array).toString('latin1')) as {
        recordedAt: string
      }
      this.run('UPDATE head SET recorded_at = ? WHERE log = ?', recordedAt, log.log)
    }
  }

  entry(log: Log, index: number): Buffer {
    return Buffer.from(
      this.one<{ entry: Uint8Array }>('SELECT entry FROM entry WHERE position = ?', this.position(log, index)).entry,
    )
  }

  setEntry(log: Log, index: number, entry: Uint8Array): void {
    this.run('UPDATE entry SET entry = ? WHERE position = ?', entry, this.position(log, index))
  }

  disclosures(log: Log, index: number): string[] {
    const { disclosures } = this.one<{ disclosures: string }>(
      'SELECT disclosures FROM content WHERE position = ?',
      this.position(log, index),
    )
    return disclosures === '' ? [] : disclosures.split('~')
  }

  setDisclosures(log: Log, index: number, disclosures: readonly string[]): void {
    this.run('UPDATE content SET disclosures = ? WHERE position = ?', disclosures.join('~'), this.position(log, index))
  }

  /** A note over the head as it is now, by a key of the attacker's own under the name of the log. */
  async forgeNote(log: Log): Promise<{ size: number; note: string }> {
    const { size, root } = this.one<{ size: number; root: Uint8Array }>(
      'SELECT size, root FROM head WHERE log = ?',
      log.log,
    )
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const { keyId } = vkeyFor(
      log.origin,
      new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)),
    )
    const text = formatCheckpoint({ origin: log.origin, size, root })
    return {
      size,
      note: await signNote(text, {
        name: log.origin,
        keyId,
        sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
      }),
    }
  }

  /** One number for everything that is stored. */
  fingerprint(): string {
    const hash = createHash('sha256')
    for (const table of tables) {
      // Of keys the bytes as well: different ones may be read as the same text.
      const bytes = table === 'posting' ? ', CAST(key AS BLOB)' : ''
      const statement = this.db.prepare(`SELECT *${bytes} FROM ${table}`)
      statement.setReturnArrays(true)
      for (const row of statement.iterate() as Iterable<unknown>)
        for (const value of row as unknown[]) {
          if (value instanceof Uint8Array) hash.update(value)
          else hash.update(`|${typeof value}:${String(value)}`)
        }
    }
    return hash.digest('hex')
  }
}

const tables = [
  'store', 'log', 'head', 'entry', 'content', 'tile', 'checkpoint', 'erasure', 'feed', 'posting', 'carried', 'node',
  'leaf_times',
] // prettier-ignore

export function flipBit(bytes: Uint8Array, random: Random): Buffer {
  const flipped = Buffer.from(bytes)
  const bit = random.below(flipped.length * 8)
  flipped[bit >> 3]! ^= 1 << (bit & 7)
  return flipped
}

/** Another character of the same kind in a place chosen at random. */
export function editText(text: string, random: Random): string {
  const at = random.below(text.length)
  const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_'.replace(text[at]!, '')
  return text.slice(0, at) + alphabet[random.below(alphabet.length)]! + text.slice(at + 1)
}
