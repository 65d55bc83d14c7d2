/** Where a stream was left off, in a file: read at the start, kept up to date, replaced as a whole. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { AuditError } from '../errors.ts'

/** Not more often, milliseconds: what comes twice after a crash is what came within this. */
const keepEveryMs = 500

export class CursorFile {
  readonly #path: string
  #cursor: string | undefined
  #isWritten = true
  #writtenAt = 0

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

  /** What was printed last. */
  keep(cursor: string): void {
    if (cursor === this.#cursor) return
    this.#cursor = cursor
    this.#isWritten = false
    if (Date.now() - this.#writtenAt >= keepEveryMs) this.write()
  }

  /** @throws AuditError `usage` for a file that cannot be written */
  write(): void {
    if (this.#isWritten || this.#cursor === undefined) return
    try {
      writeFileSync(`${this.#path}.new`, `${this.#cursor}\n`, { flush: true, mode: 0o600 })
      renameSync(`${this.#path}.new`, this.#path)
    } catch (cause) {
      throw this.#unusable(cause)
    }
    this.#isWritten = true
    this.#writtenAt = Date.now()
  }

  #unusable(cause: unknown): AuditError {
    const why = cause instanceof Error ? cause.message : String(cause)
    return new AuditError('usage', `The cursor file ${this.#path} cannot be used: ${why}.`, {
      hint: '--cursor-file FILE names a file that this user may read and write',
      cause,
    })
  }
}
