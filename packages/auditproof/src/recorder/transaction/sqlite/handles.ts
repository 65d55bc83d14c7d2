/** The SQLite handles that the application has shown, each with what copies from it, for as long as it is open. */
import { AuditError } from '../../../errors.ts'
import { isInTransaction, isOpen, type SqliteHandle } from './handle.ts'
import { HandleCopier, type CopyTarget } from './handle-copier.ts'

export class Handles {
  readonly #target: CopyTarget
  readonly #copiers = new Map<SqliteHandle, HandleCopier>()
  #sequenced = 0
  #rejected = 0

  constructor(target: CopyTarget) {
    this.#target = target
  }

  get sequenced(): number {
    return this.#sum(this.#sequenced, ({ sequenced }) => sequenced)
  }

  get rejected(): number {
    return this.#sum(this.#rejected, ({ rejected }) => rejected)
  }

  get lastError(): AuditError | undefined {
    return [...this.#copiers.values()].find(({ lastError }) => lastError !== undefined)?.lastError
  }

  /** At first sight of a handle, what a process before this one left in its file is copied. */
  of(handle: SqliteHandle): HandleCopier {
    const known = this.#copiers.get(handle)
    if (known !== undefined) return known
    this.#letGoOfClosed()
    const copier = new HandleCopier(handle, this.#target)
    copier.begin()
    this.#copiers.set(handle, copier)
    return copier
  }

  /** @throws AuditError `usage` for a handle that is closed or inside a transaction */
  async attach(handle: SqliteHandle): Promise<void> {
    if (!isOpen(handle) || isInTransaction(handle))
      throw new AuditError('usage', 'audit.attach needs an SQLite handle that is open and in no transaction.')
    await this.of(handle).copyAll()
  }

  /** @throws AuditError where something stays in a file */
  async close(): Promise<void> {
    const closed = await Promise.allSettled([...this.#copiers.values()].map((copier) => copier.close()))
    for (const result of closed) if (result.status === 'rejected') throw result.reason
  }

  /** A handle that the application has closed is nobody's business any more. */
  #letGoOfClosed(): void {
    for (const [handle, copier] of this.#copiers)
      if (!copier.isOpen) {
        this.#copiers.delete(handle)
        this.#sequenced += copier.sequenced
        this.#rejected += copier.rejected
      }
  }

  #sum(before: number, of: (copier: HandleCopier) => number): number {
    return [...this.#copiers.values()].reduce((sum, copier) => sum + of(copier), before)
  }
}
