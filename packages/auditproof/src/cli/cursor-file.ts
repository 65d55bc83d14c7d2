/** Where a stream was left off, in a file: read at the start, kept up to date, replaced as a whole. */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { AuditError } from '../errors.ts'

/** Not more often, milliseconds: what comes twice after a crash is what came within this. */
const keepEveryMs = 500

export class CursorFile {
  readonly #path: string
  #cursor: string | undefined
  #isWritten = true
  #writtenAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** @throws AuditError `usage` for a file that cannot be read */
  read(): string | undefined {
    try {
      if (!existsSync(this.#path)) return undefined
      const cursor = readFileSync(this.#path, 'utf8').trim()
      return cursor === '' ? undefined : cursor
    } catch (cause) {
      throw this.#unusable(cause)
    }
  }

  /** Does the work, and writes what was kept, however that ends. @throws what went wrong first */
  async keepWhile(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#tryToWrite()
      throw error
    } finally {
      clearTimeout(this.#timer)
    }
    this.#write()
  }

  /** What was printed last; in the file within `keepEveryMs`. @throws AuditError `usage` for a file that cannot be written */
  keep(cursor: string): void {
    if (cursor === this.#cursor) return
    this.#cursor = cursor
    this.#isWritten = false
    const waitMs = this.#writtenAt + keepEveryMs - performance.now()
    if (waitMs <= 0) this.#write()
    else this.#writeIn(waitMs)
  }

  #writeIn(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      // Tried again for as long as it fails; the next to be kept, or the end, tells why it does.
      if (!this.#tryToWrite()) this.#writeIn(keepEveryMs)
    }, ms).unref()
  }

  #tryToWrite(): boolean {
    try {
      this.#write()
      return true
    } catch {
      return false
    }
  }

  #write(): void {
    if (this.#isWritten || this.#cursor === undefined) return
    // A name that nobody can have prepared: what is opened here is new, no link, and nobody else's.
    const next = `${this.#path}.${randomBytes(8).toString('hex')}.new`
    try {
      writeFileSync(next, `${this.#cursor}\n`, { flag: 'wx', flush: true, mode: 0o600 })
      renameSync(next, this.#path)
    } catch (cause) {
      rmSync(next, { force: true })
      throw this.#unusable(cause)
    }
    this.#isWritten = true
    this.#writtenAt = performance.now()
  }

  #unusable(cause: unknown): AuditError {
    const why = cause instanceof Error ? cause.message : String(cause)
    return new AuditError('usage', `The cursor file ${this.#path} cannot be used: ${why}.`, {
      hint: '--cursor-file FILE names a file that this user may read and write',
      cause,
    })
  }
}
